import { commitWork } from '@unroll/database';
import { useApi } from '../support/api';
import { attemptWork, claims, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { countSweeps, letters as sweep } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

describe('a sweep', () => {
  it.each([
    ['drawn', {}, 4],
    ['learned', { model: { cell: { choice: ['rnn', 'gru'] } }, search: { algorithm: 'tpe', trials: 20 } }, 8],
    [
      'learned, with seeds that wait for a paired test',
      {
        model: { cell: { choice: ['rnn', 'gru'] } },
        search: { algorithm: 'tpe', trials: 20, repeats: 8 },
        stopping: { rule: 'none', pThreshold: 0.1 },
        budget: { concurrentTrials: 4 },
      },
      8,
    ],
    [
      'limited by the space',
      { model: { cell: { choice: ['rnn', 'gru'] } }, training: { updates: 4 }, search: { trials: 9 } },
      2,
    ],
  ])(
    'has the configurations that a dry run showed where they are %s; the dry run writes nothing',
    async (_, changes, first) => {
      const before = await countSweeps(dataSource);
      const body = { ...sweep, ...changes };
      const plan = (await (await api.post('/v1/sweeps?dryRun=true', body)).json()) as any;
      expect(await countSweeps(dataSource)).toBe(before);
      const { id, total, message } = (await (await api.post('/v1/sweeps', body)).json()) as any;
      expect({ total, message }).toEqual({ total: plan.trials, message: plan.limit });
      await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === first);
      const { items } = (await (await api.call(`/v1/sweeps/${id}/trials`)).json()) as any;
      expect(plan.examples).toHaveLength(Math.min(5, first));
      expect(items.slice(0, 5).map(({ parameters }: any) => parameters)).toEqual(
        plan.examples.map(({ parameters }: any) => parameters),
      );
    },
  );

  it('is accepted with a warning where an option has no effect on any of its trials', async () => {
    const ask = async (model: object): Promise<any> =>
      (await api.post('/v1/sweeps?dryRun=true', { ...sweep, model: { ...sweep.model, ...model } })).json();
    const { warning } = await ask({ dropout: { uniform: [0.1, 0.5] } });
    expect(warning).toMatch(/^model\.dropout has no effect: /);
    const body = { ...sweep, model: { ...sweep.model, dropout: 0.2 } };
    expect(((await (await api.post('/v1/sweeps', body)).json()) as any).warning).toBe(warning);
    expect((await ask({ dropout: 0.2, layers: { grid: [1, 2] } })).warning).toBeNull();
    // The last trials, which are not drawn ahead, have two layers.
    const hiddenSize = { grid: Array.from({ length: 120 }, (_, index) => index + 1) };
    const model = { cell: 'rnn', hiddenSize, layers: { grid: [1, 2] }, dropout: 0.3 };
    const many = { ...sweep, model, training: { updates: 10 }, search: {} };
    expect(await (await api.post('/v1/sweeps?dryRun=true', many)).json()).toMatchObject({ trials: 240, warning: null });
  });

  const startingFrom = (from: string[]): unknown => ({ ...sweep, search: { algorithm: 'tpe', trials: 20, from } });

  it.each([true, false])('is refused if it starts from a sweep that does not exist (dry run: %s)', async (dryRun) => {
    const response = await api.post(`/v1/sweeps?dryRun=${dryRun}`, startingFrom(['nosuch']));
    expect([response.status, ((await response.json()) as any).detail]).toEqual([
      422,
      'search.from[0]: no sweep nosuch',
    ]);
  });

  it('starts from a sweep that is deleted at the same time, or is refused with the line that names it', async () => {
    const { id } = (await (await api.post('/v1/sweeps', sweep)).json()) as any;
    const show = async (): Promise<any> => (await api.call(`/v1/sweeps/${id}`)).json();
    await until(async () => (await show()).trials.pending === 4);
    for await (const { trials } of claims(dataSource))
      await commitWork(
        dataSource,
        trials.map((trial) => attemptWork(trial, { value: 1, end: completed })),
      );
    await until(async () => (await show()).state === 'completed');
    const submit = async (dryRun: boolean): Promise<{ status: number; detail: string }> => {
      const response = await api.post(`/v1/sweeps?dryRun=${dryRun}`, startingFrom([id]));
      return { status: response.status, detail: ((await response.json()) as any).detail };
    };
    const answers = await Promise.all([
      submit(false),
      submit(true),
      api.call(`/v1/sweeps/${id}`, { method: 'DELETE' }),
      submit(false),
      submit(true),
    ]);
    const refused = { status: 422, detail: `search.from[0]: no sweep ${id}` };
    for (const answer of answers)
      if (!(answer instanceof Response) && answer.status >= 300) expect(answer).toEqual(refused);
    for (const dryRun of [true, false]) expect(await submit(dryRun)).toEqual(refused);
  });
});
