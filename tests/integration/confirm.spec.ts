import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { letters, smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const confirm = (id: string, body: unknown, headers?: Record<string, string>): Promise<Response> =>
  api.post(`/v1/sweeps/${id}/confirm`, body, headers);

/** A sweep with two seeds whose configurations have the values 1, 2, 3 and 4, each ± 0.1. */
async function finished(changes: object = {}): Promise<string> {
  const { id } = (await (
    await api.post('/v1/sweeps', { ...letters, search: { trials: 4, seed: 3, repeats: 2 }, ...changes })
  ).json()) as any;
  await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 8);
  await dataSource.query(`update trials set state = 'running' where sweep_id = $1`, [id]);
  await dataSource.query(
    `update trials set state = 'completed', value = 1 + configuration + (number % 2) * 0.2, updates = 5,
       metrics = '{"validation.bitsPerToken": 1}', finished_at = clock_timestamp() where sweep_id = $1`,
    [id],
  );
  return id;
}

describe('confirming a sweep', () => {
  it('trains its best configurations with new seeds, and says which sweep it confirms', async () => {
    const id = await finished();
    const response = await confirm(id, { top: 2, seeds: 3 });
    expect(response.status).toBe(201);
    const made = (await response.json()) as any;
    expect(made).toMatchObject({ name: 'letters: confirmed', total: 6, owner: 'local' });
    expect(made.clonedFrom).toBe(id);
    expect(made.note).toBe(`Confirms the best 2 configurations of [letters](/sweeps/${id}) with 3 new seeds.`);
    const trialsOf = async (sweep: string): Promise<any[]> =>
      ((await (await api.call(`/v1/sweeps/${sweep}/trials`)).json()) as any).items;
    await until(async () => (await trialsOf(made.id)).length === 6);
    const [before, after] = [await trialsOf(id), await trialsOf(made.id)];
    expect(after.map(({ parameters }) => parameters)).toEqual(
      [0, 1].flatMap((configuration) => Array(3).fill(before[2 * configuration].parameters)),
    );
    expect(after.map(({ seed }) => seed)).toEqual([2, 3, 4, 2, 3, 4]);
    const { items } = (await (await api.call(`/v1/audit?target=${id}&action=sweep.confirm`)).json()) as any;
    expect(items[0].change).toEqual({ top: 2, seeds: 3, made: made.id });
  });

  it('creates one sweep for a request that is repeated, though another configuration is the best meanwhile', async () => {
    const id = await finished();
    const headers = { 'idempotency-key': 'once' };
    const { id: made } = (await (await confirm(id, { top: 1, seeds: 2 }, headers)).json()) as any;
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
    await api.call(`/v1/sweeps/${made}/details`, { ...change, body: '{"note": "mine"}' });
    await dataSource.query(`update trials set value = 0.1 where sweep_id = $1 and configuration = 3`, [id]);
    const again = await confirm(id, { top: 1, seeds: 2 }, headers);
    expect([again.status, await again.json()]).toEqual([201, expect.objectContaining({ id: made, note: 'mine' })]);
    expect((await confirm(id, { top: 2, seeds: 2 }, headers)).status).toBe(422);
    // Nothing that it would need any more is there.
    await dataSource.query(`update configurations set state = 'failed' where sweep_id = $1`, [id]);
    expect((await confirm(id, { top: 1, seeds: 2 })).status).toBe(409);
    expect(await (await confirm(id, { top: 1, seeds: 2 }, headers)).json()).toMatchObject({ id: made });
    await api.post(`/v1/sweeps/${id}/cancel`, {});
    expect((await api.call(`/v1/sweeps/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await confirm(id, { top: 1, seeds: 2 })).status).toBe(404);
    expect(await (await confirm(id, { top: 1, seeds: 2 }, headers)).json()).toMatchObject({ id: made });
  });

  it('requires of workers what the sweep did', async () => {
    const id = await finished({ requires: { gpu: 'a100' } });
    const { spec } = (await (await confirm(id, { top: 1, seeds: 2 })).json()) as any;
    expect(spec.requires).toEqual({ gpu: 'a100' });
  });

  it('of a sweep that was edited trains a configuration as it was, or says that it cannot', async () => {
    const searched = { model: { cell: 'gru', hiddenSize: 8 }, search: { trials: 2, seed: 3, repeats: 2 } };
    const { id } = (await (await api.post('/v1/sweeps', { ...letters, ...searched })).json()) as any;
    await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 4);
    const first = 'where sweep_id = $1 and configuration = 0';
    await dataSource.query(`update trials set state = 'running' ${first}`, [id]);
    await dataSource.query(`update trials set state = 'completed', value = 1, metrics = '{}' ${first}`, [id]);
    const edit = async (changes: object): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const response = await api.call(`/v1/sweeps/${id}`, { method: 'PATCH', headers, body: JSON.stringify(changes) });
      expect(response.status).toBe(200);
    };
    await edit({ training: { learningRate: { logUniform: [1e-3, 2e-2] } } });
    const [{ rate }] = await dataSource.query(
      `select spec -> 'training' -> 'learningRate' as rate from trials ${first} limit 1`,
      [id],
    );
    const { spec } = (await (await confirm(id, { top: 1, seeds: 2 })).json()) as any;
    expect(spec.search.enqueue).toEqual([{ training: { learningRate: rate } }]);
    await edit({ model: { cell: 'gru', hiddenSize: 16 } });
    const refused = await confirm(id, { top: 1, seeds: 2 });
    expect([refused.status, ((await refused.json()) as any).detail]).toEqual([
      409,
      expect.stringMatching(
        /^configuration 0 is not in what the sweep searches since it was edited: submit its own specification, unroll trial spec \w+, with/,
      ),
    ]);
  });

  it('shows how sure the ranking is, from the spread of the seeds', async () => {
    const id = await finished();
    const { items } = (await (await api.call(`/v1/sweeps/${id}/leaderboard`)).json()) as any;
    const chances = items.map(({ bestProbability }: any) => bestProbability);
    expect(chances.reduce((sum: number, chance: number) => sum + chance, 0)).toBeCloseTo(1, 9);
    expect(chances[0]).toBeGreaterThan(0.7);
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
  });

  it('is refused where nothing has completed, for a population, and with an unknown key', async () => {
    const open = await writeSweep(dataSource, smallSweep());
    expect((await confirm(open, {})).status).toBe(409);
    expect((await confirm(open, { seed: 3 })).status).toBe(422);
    const population = await writeSweep(
      dataSource,
      smallSweep({ stopping: { rule: 'population', every: 2 }, search: { trials: 8 } }),
    );
    const refused = await confirm(population, {});
    expect(refused.status).toBe(409);
    expect(((await refused.json()) as any).detail).toContain('changed parameters while it trained');
  });
});
