import { cancelSweep, claimTrials, commitWork, refreshReported } from '@unroll/database';
import { useApi } from '../support/api';
import { attemptWork, claimant, completed } from '../support/attempts';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const sweepOf = (trials: number, changes: Record<string, unknown> = {}): Promise<string> =>
  writeSweep(dataSource, smallSweep({ search: { trials }, ...changes }));

async function get(path: string, status = 200): Promise<any> {
  const response = await api.call(path);
  expect([path, response.status]).toEqual([path, status]);
  return response.json();
}

describe('a trial', () => {
  it('is named by best, the first of a leaderboard, and by last', async () => {
    const older = await sweepOf(3, { name: 'older one', search: { trials: 3, repeats: 2 } });
    // The best seed of all belongs to a configuration that is not the best.
    const values = [[1, 9], [4, 2], [5, 5]]; // oxfmt-ignore
    await finish(dataSource, older, ({ configuration, seed }) => values[configuration]![seed]!);
    const newer = await sweepOf(2);
    expect((await get('/v1/trials/best', 404)).detail).toBe(
      `sweep ${newer} has no best trial: none has reported a value`,
    );
    await finish(dataSource, newer, ({ configuration }) => 7 - configuration);
    const first = async (sweep: string): Promise<unknown> =>
      (await get(`/v1/sweeps/${sweep}/leaderboard`)).items[0]!.trialId;
    const named = async (name: string): Promise<unknown> => (await get(`/v1/trials/${encodeURIComponent(name)}`)).id;
    expect(await named('best')).toBe(await first(newer));
    for (const name of [older, 'older one', older.slice(0, 7)])
      expect([name, await named(`${name}:best`)]).toEqual([name, await first(older)]);
    expect((await get(`/v1/sweeps/${older}`)).best).toEqual({ trialId: await first(older), value: 3 });
    expect(await get(`/v1/comparison?first=best&second=${older.slice(0, 7)}:best`)).toMatchObject({
      first: { trialId: await first(newer) },
      second: { trialId: await first(older) },
    });
    expect((await get('/v1/trials/nowhere:best', 404)).detail).toBe('no sweep nowhere');
    expect((await get('/v1/trials/last')).configuration).toBe(1);
  });

  it('is the best only where there is no other if it was cancelled', async () => {
    const id = await sweepOf(3, { stopping: 'none' });
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 3 }, { sweepId: id, signature: '' }))!;
    await commitWork(dataSource, [attemptWork(trials[0]!, { value: 1 }), attemptWork(trials[1]!, { value: 2 })]);
    await refreshReported(dataSource.manager, '0');
    const best = async (): Promise<unknown> => ({
      named: (await get(`/v1/trials/${id}:best`)).id,
      shown: (await get(`/v1/sweeps/${id}`)).best.trialId,
    });
    const only = (trial: number) => ({ named: trials[trial]!.trialId, shown: trials[trial]!.trialId });
    expect(await best()).toEqual(only(0));
    await commitWork(dataSource, [attemptWork(trials[2]!, { value: 3, end: completed })]);
    expect(await best()).toEqual(only(0));
    await cancelSweep(dataSource, id);
    expect((await get(`/v1/sweeps/${id}/leaderboard`)).items[0]).toMatchObject({ state: 'cancelled', value: 1 });
    expect(await best()).toEqual(only(2));
    const cut = await sweepOf(1);
    const alone = (await claimTrials(dataSource, { ...claimant, lanes: 1 }, { sweepId: cut, signature: '' }))!;
    await commitWork(dataSource, [attemptWork(alone.trials[0]!, { value: 1 })]);
    await cancelSweep(dataSource, cut);
    expect((await get('/v1/trials/best')).id).toBe(alone.trials[0]!.trialId);
  });

  it('is that of the sweep of a name, whatever id begins with it', async () => {
    const other = await sweepOf(1);
    const named = await sweepOf(1, { name: other.slice(0, 3) });
    for (const sweep of [other, named]) await finish(dataSource, sweep, () => 1);
    const sweepIdOf = async (name: string): Promise<string> => (await get(`/v1/trials/${name}:best`)).sweepId;
    expect(await sweepIdOf(other.slice(0, 3))).toBe(named);
    expect([await sweepIdOf(other), await sweepIdOf(other.slice(0, 7))]).toEqual([other, other]);
    // A whole id comes before a name, and `last` before both.
    await sweepOf(1, { name: other });
    const last = await sweepOf(1, { name: 'last' });
    await finish(dataSource, last, () => 1);
    const newest = await sweepOf(1);
    await finish(dataSource, newest, () => 1);
    expect([await sweepIdOf(other), await sweepIdOf('last')]).toEqual([other, newest]);
  });
});
