import { Trial } from '@unroll/database';
import type { DataSource } from 'typeorm';
import { openApi, type TestApi } from '../support/api';
import { openDatabase, urlOf } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

let dataSource: DataSource;
let api: TestApi;
/** Two trials of a rnn with 8 units, of which the first has a model. */
let withModel: string;
let without: string;

beforeAll(async () => {
  dataSource = await openDatabase();
  api = await openApi(urlOf(dataSource));
  const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
  const trials = await dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });
  [withModel, without] = trials.map(({ id }) => id) as [string, string];
  await dataSource.getRepository(Trial).update({ id: withModel }, { state: 'completed', checkpoint: 'checkpoints/a' });
});

afterAll(async () => {
  await api.close();
  await dataSource.destroy();
});

const sweep = (start: unknown, model: object = {}) => ({
  dataset: 'typescript-declarations',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4, ...model },
  training: { bptt: 4, batchSize: 2, updates: 4, initFrom: start },
});

describe('a sweep that begins with a trial', () => {
  it('holds its whole id, whatever beginning of it was given', async () => {
    for (const trial of [withModel, withModel.slice(0, 7), { choice: [withModel.slice(0, 7)] }]) {
      const response = await api.post('/v1/sweeps', sweep({ trial }));
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { id: string };
      const [row] = await dataSource.query('select spec from sweeps where id = $1', [id]);
      expect(JSON.stringify(row.spec.training.initFrom)).toContain(`"${withModel}"`);
    }
  });

  it.each([
    ['a trial that is not there', () => sweep({ trial: 'zzzzzzzz' }), 'training.initFrom.trial: no trial zzzzzzzz'],
    [
      'a trial without a model',
      () => sweep({ trial: without }),
      /training\.initFrom\.trial: trial \w{8} is pending and has no model; name a completed one/,
    ],
    [
      'a file',
      () => sweep({ model: 'a.safetensors' }),
      'training.initFrom.model: a file is for unroll train only; name a trial of this server with training.initFrom.trial',
    ],
    [
      'a network of another size, which only a draw has',
      () => sweep({ trial: withModel }, { hiddenSize: { grid: [8, 16] } }),
      'model.hiddenSize: is 16, but the model that training.initFrom names has 8',
    ],
  ])('is refused for %s, and nothing is written', async (_, body, message) => {
    const count = 'select count(*)::integer as count from sweeps';
    const [before] = await dataSource.query(count);
    for (const path of ['/v1/sweeps', '/v1/sweeps?dryRun=true']) {
      const response = await api.post(path, body());
      expect(response.status).toBe(422);
      const { detail } = (await response.json()) as { detail: string };
      expect(detail).toMatch(message);
      expect(detail).not.toContain('\n');
    }
    expect(await dataSource.query(count)).toEqual([before]);
  });
});
