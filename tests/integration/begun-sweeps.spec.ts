import { SchedulerService } from '../../apps/api/src/scheduler/scheduler.service';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { letters } from '../support/sweeps';
import { until } from '../support/until';

const database = useDatabase();
const api = useApi(database);

interface Submitted {
  id: string;
  total: number;
}

async function submit(changes: Record<string, unknown>): Promise<Submitted> {
  const response = await api.post('/v1/sweeps', { ...letters, ...changes });
  expect(response.status).toBe(201);
  return response.json() as Promise<Submitted>;
}

/** How many of its trials the transaction inserted that created a sweep. */
async function begunWith(id: string): Promise<number> {
  const [row] = await database.query<[{ count: number }]>(
    `select count(*)::integer as count from trials
     where sweep_id = $1 and xmin::text::bigint = (select min(xid) from changes where kind = 'sweep' and id = $1)`,
    [id],
  );
  return row.count;
}

const range = { learningRate: { logUniform: [1e-3, 1e-2] } };
const list = { cell: 'rnn', hiddenSize: { choice: [8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96] } };

describe('a sweep that is submitted', () => {
  it.each([
    ['all of its trials, if it has few', { search: { trials: 4, seed: 3 } }, 4],
    ['its first trials', { search: { trials: 40, seed: 3, algorithm: 'random' } }, 16],
    ['those of whole configurations', { search: { trials: 20, repeats: 3, seed: 3, algorithm: 'sobol' } }, 15],
    ['none, where one configuration has many', { search: { trials: 2, repeats: 20, algorithm: 'random' } }, 0],
    ['none, where its proposals learn', { search: { trials: 40, algorithm: 'tpe' } }, 0],
    [
      'points of a grid',
      { training: { learningRate: 0.01 }, model: { cell: 'rnn', hiddenSize: { grid: [8, 16] } }, search: {} },
      2,
    ],
    [
      'points that are not drawn again',
      {
        training: { learningRate: { choice: [0.01, 0.02] } },
        model: list,
        search: { trials: 24, algorithm: 'random' },
      },
      16,
    ],
    [
      'those that hold seeds back',
      { training: range, search: { trials: 2, repeats: 10, algorithm: 'random' }, stopping: { pThreshold: 0.1 } },
      10,
    ],
  ])('begins with %s, and goes on as if the scheduler had proposed them', async (_, changes, begun) => {
    const { id, total } = await submit(changes);
    expect(await begunWith(id)).toBe(begun);
    const learns = begun === 0 && total === 40;
    const proposed = async (): Promise<number> =>
      (await database.query<[{ proposed: number }]>('select proposed from sweeps where id = $1', [id]))[0].proposed;
    await until(async () => (learns ? (await proposed()) > 0 : (await proposed()) === total));
    const trials = await database.query<{ number: number; parameters: object; configuration: number }[]>(
      'select number, configuration, parameters from trials where sweep_id = $1 order by number',
      [id],
    );
    expect(trials.map(({ number }) => number)).toEqual(trials.map((__, index) => index));
    const { proposals } = (await (await api.call(`/v1/sweeps/${id}/replay`)).json()) as { proposals: object };
    expect(proposals).toMatchObject({ different: 0 });
    if (learns) return;
    expect(trials.length).toBe(total);
    const drawn = new Set(trials.map(({ parameters }) => JSON.stringify(parameters)));
    expect(drawn.size).toBe(new Set(trials.map(({ configuration }) => configuration)).size);
  });
});

describe('the first ticket of a sweep', () => {
  it('leaves at once, unless the request was repeated, or labels decide whom it is for', async () => {
    const begun = jest.spyOn(SchedulerService.prototype, 'begun');
    const one = { ...letters, model: { cell: 'rnn', hiddenSize: 8 }, search: { trials: 1, seed: 3 } };
    const send = (changes: object, key: string): Promise<Response> =>
      api.post('/v1/sweeps', { ...one, ...changes }, { 'idempotency-key': key });
    const { id } = (await (await send({}, 'once')).json()) as Submitted;
    expect((await (await send({}, 'once')).json()) as Submitted).toMatchObject({ id });
    expect((await send({ requires: { gpu: 'a100' } }, 'other')).status).toBe(201);
    expect(begun.mock.calls).toEqual([[id, expect.any(String)]]);
    begun.mockRestore();
  });
});
