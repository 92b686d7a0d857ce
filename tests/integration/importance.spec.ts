import { boards } from '@unroll/contracts';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { ImportanceService } from '../../apps/api/src/importance/importance.service';
import { finish } from '../support/board';
import { openDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

/** As it is built: a thread cannot begin with a file of TypeScript. */
const thread = join(__dirname, '..', '..', 'dist', 'apps', 'api', 'src', 'importance', 'thread.js');

let dataSource: DataSource;
let service: ImportanceService;

beforeAll(async () => {
  dataSource = await openDatabase();
  service = new ImportanceService(dataSource, thread);
});
afterAll(async () => {
  await service.beforeApplicationShutdown();
  await dataSource.destroy();
});

const sweepOf = (trials: number): Promise<string> =>
  writeSweep(
    dataSource,
    smallSweep({
      model: { cell: { choice: ['rnn', 'gru'] }, hiddenSize: { int: [8, 64] }, embeddingSize: 4 },
      search: { trials },
    }),
  );

describe('what matters in a sweep', () => {
  it('is computed beside the request, kept, and computed anew when more has finished', async () => {
    const id = await sweepOf(120);
    const cells = new Map<number, string>();
    for (const row of await dataSource.query(
      `select configuration, parameters ->> 'model.cell' as cell from trials where sweep_id = $1`,
      [id],
    ))
      cells.set(row.configuration, row.cell);
    await finish(dataSource, id, ({ configuration }) =>
      configuration >= 100 ? null : (cells.get(configuration) === 'gru' ? 1 : 3) + (configuration % 7) / 100,
    );
    const first = await service.show(id);
    expect(first).toMatchObject({ state: 'computing', why: null, trials: 100, items: [] });
    await until(async () => (await service.show(id)).state === 'ready');
    const ready = await service.show(id);
    expect(boards.importance.parse(ready)).toEqual(ready);
    expect(ready).toMatchObject({ state: 'ready', trials: 100 });
    expect(ready.items[0]!.parameter).toBe('model.cell');
    expect(ready.items[0]!.importance).toBeGreaterThan(0.9);
    expect(ready.items).toHaveLength(3);
    await dataSource.query(`update trials set state = 'pending' where sweep_id = $1 and state = 'failed'`, [id]);
    await finish(dataSource, id, ({ configuration }) => (cells.get(configuration) === 'gru' ? 1 : 3));
    expect(await service.show(id)).toEqual(ready);
    await until(async () => (await service.show(id)).trials === 120);
  });

  it('is not told before enough has finished', async () => {
    const id = await sweepOf(5);
    await finish(dataSource, id, () => 1);
    expect(await service.show(id)).toMatchObject({
      state: 'impossible',
      why: expect.stringContaining('fewer than 20'),
    });
  });
});
