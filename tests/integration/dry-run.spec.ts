import { useApi } from '../support/api';
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

  it.each([true, false])('is refused if it starts from a sweep that does not exist (dry run: %s)', async (dryRun) => {
    const body = { ...sweep, search: { algorithm: 'tpe', trials: 20, from: ['nosuch'] } };
    const response = await api.post(`/v1/sweeps?dryRun=${dryRun}`, body);
    expect([response.status, ((await response.json()) as any).detail]).toEqual([
      422,
      expect.stringContaining('search.from[0]: no sweep nosuch'),
    ]);
  });
});
