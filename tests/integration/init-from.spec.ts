import { Trial } from '@unroll/database';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase();
const api = useApi(dataSource);

/** Two trials of an RNN with 8 units; only the first has a model. */
let withModel: string;
let without: string;

beforeAll(async () => {
  const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
  const trials = await dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });
  [withModel, without] = trials.map(({ id }) => id) as [string, string];
  await allowAnyState(dataSource);
  await dataSource.getRepository(Trial).update({ id: withModel }, { state: 'completed', model: 'checkpoints/a' });
});

const sweep = (start: unknown, model: object = {}) => ({
  dataset: 'typescript-declarations',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4, ...model },
  training: { bptt: 4, batchSize: 2, updates: 4, initFrom: start },
});

describe('a sweep that starts from a trial', () => {
  it('stores the full id, whichever prefix was given', async () => {
    for (const trial of [withModel, withModel.slice(0, 7), { choice: [withModel.slice(0, 7)] }]) {
      const response = await api.post('/v1/sweeps', sweep({ trial }));
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { id: string };
      const [row] = await dataSource.query('select spec from sweeps where id = $1', [id]);
      expect(JSON.stringify(row.spec.training.initFrom)).toContain(`"${withModel}"`);
    }
  });

  it.each([
    ['an unknown trial', () => sweep({ trial: 'zzzzzzzz' }), 'training.initFrom.trial: no trial zzzzzzzz'],
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
      'a network of another size in one of the drawn configurations',
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
