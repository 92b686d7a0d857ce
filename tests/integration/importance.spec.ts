import { boards } from '@unroll/contracts';
import { ImportanceService } from '../../apps/api/src/importance/importance.service';
import { finish } from '../support/board';
import { testCaller } from '../support/api';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase();
const service = new ImportanceService(dataSource, useSearchThreads());

const sweepOf = (trials: number): Promise<string> =>
  writeSweep(
    dataSource,
    smallSweep({
      model: { cell: { choice: ['rnn', 'gru'] }, hiddenSize: { int: [8, 64] }, embeddingSize: 4 },
      search: { trials },
    }),
  );

describe('parameter importance', () => {
  it('is computed in the background, cached, and recomputed when more trials have finished', async () => {
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
    const first = await service.show(testCaller, id);
    expect(first).toMatchObject({ state: 'computing', why: null, trials: 100, items: [] });
    await until(async () => (await service.show(testCaller, id)).state === 'ready');
    const ready = await service.show(testCaller, id);
    expect(boards.importance.parse(ready)).toEqual(ready);
    expect(ready).toMatchObject({ state: 'ready', trials: 100 });
    expect(ready.items[0]!.parameter).toBe('model.cell');
    expect(ready.items[0]!.importance).toBeGreaterThan(0.9);
    expect(ready.items).toHaveLength(3);
    await dataSource.query(`update trials set state = 'pending' where sweep_id = $1 and state = 'failed'`, [id]);
    await finish(dataSource, id, ({ configuration }) => (cells.get(configuration) === 'gru' ? 1 : 3));
    expect(await service.show(testCaller, id)).toEqual(ready);
    await until(async () => (await service.show(testCaller, id)).trials === 120);
  });

  it('is not given before enough trials have finished', async () => {
    const id = await sweepOf(5);
    await finish(dataSource, id, () => 1);
    expect(await service.show(testCaller, id)).toMatchObject({
      state: 'impossible',
      why: expect.stringContaining('at least 20'),
    });
  });
});
