import {
  claimTrials,
  commitWork,
  giveUpAttempts,
  joinGroup,
  type AttemptWork,
  type Claim,
  type ClaimedTrial,
} from '@unroll/database';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, completed } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });

const claim = async (lanes: number, rest: object = {}): Promise<Claim> =>
  (await claimTrials(dataSource, { ...claimant, lanes, ...rest }))!;

const ended = (trial: ClaimedTrial): AttemptWork => attemptWork(trial, { value: 1, updates: 4, end: completed });

const lanesOfAttempts = async (): Promise<unknown> =>
  (
    await dataSource.query(
      `select attempts.lanes, trials.lanes as of_trial from attempts join trials on trials.id = trial_id order by number`,
    )
  ).map(({ lanes, of_trial }: { lanes: number; of_trial: number }) => [lanes, of_trial]);

describe('free lanes of a group', () => {
  it('are filled by pending trials of its signature; the rows of all its trials show the new lanes', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 6 } }));
    const group = await claim(3);
    await commitWork(dataSource, [ended(group.trials[0]!)]);
    const joined = await joinGroup(dataSource, claimant, group, 2);
    expect(joined).toHaveLength(2);
    // The first ended with two neighbours; the other two had three at the end.
    expect(await lanesOfAttempts()).toEqual([
      [3, 3],
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
    const [{ groups }] = await dataSource.query('select count(distinct group_id)::integer as groups from attempts');
    expect(groups).toBe(1);
  });

  it('are never filled by another signature, nor by a trial that must not have that many neighbours', async () => {
    const spec = smallSweep({ model: { cell: { grid: ['rnn', 'lstm'] }, hiddenSize: 8 }, search: { trials: 2 } });
    await writeSweep(dataSource, spec);
    const group = await claim(1);
    await dataSource.query(
      `update trials set most_lanes = 2 where state = 'pending' and spec->'model'->>'cell' = 'rnn'`,
    );
    expect(await joinGroup(dataSource, claimant, group, 8)).toEqual([]);
  });

  it('are never filled beyond concurrentTrials, nor from a paused sweep', async () => {
    const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 8 } }), 4);
    const group = await claim(2);
    expect(await joinGroup(dataSource, claimant, group, 8)).toHaveLength(2);
    expect(await joinGroup(dataSource, claimant, group, 8)).toEqual([]);
    await dataSource.query(`update sweeps set concurrent_trials = null, state = 'paused' where id = $1`, [sweepId]);
    expect(await joinGroup(dataSource, claimant, group, 8)).toEqual([]);
  });

  it('are filled by trials that continue from any update', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 4 } }));
    const group = await claim(1);
    await dataSource.query(
      `update trials set checkpoint = 'state', checkpoint_update = number where state = 'pending'`,
    );
    const joined = await joinGroup(dataSource, claimant, group, 8);
    expect(joined.map(({ checkpoint }) => checkpoint?.update).sort()).toEqual([1, 2, 3]);
  });

  it('make a crash count as shared even if all other trials have ended', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
    const group = await claim(1);
    const [late] = await joinGroup(dataSource, claimant, group, 1);
    await commitWork(dataSource, [ended(late!)]);
    const ids = group.trials.map(({ attemptId }) => attemptId);
    await dataSource.transaction((manager) => giveUpAttempts(manager, ids, { state: 'failed', message: 'segfault' }));
    expect(await dataSource.query(`select most_lanes from trials where state = 'pending'`)).toEqual([
      { most_lanes: 1 },
    ]);
  });

  it('are filled by different trials where many trainers ask at the same time', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 20 } }));
    const groups = [await claim(1), await claim(1), await claim(1)];
    const joined = await Promise.all(groups.map((group) => joinGroup(dataSource, claimant, group, 6)));
    const ids = joined.flat().map(({ trialId }) => trialId);
    expect(ids).toHaveLength(17);
    expect(new Set(ids).size).toBe(17);
  });
});

describe('a claim', () => {
  it('takes as many trials as are known to fit for their signature', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 8 } }));
    const [{ signature }] = await dataSource.query('select signature from trials limit 1');
    expect((await claim(4, { lanesBySignature: { [signature]: 2 } })).trials).toHaveLength(2);
    expect((await claim(4, { lanesBySignature: { another: 2 } })).trials).toHaveLength(4);
  });

  it('gives the largest number of lanes that each of its trials allows', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 3 } }));
    expect((await claim(1)).mostLanes).toBeNull();
    await dataSource.query('update trials set most_lanes = number');
    expect((await claim(4)).mostLanes).toBe(1);
  });
});
