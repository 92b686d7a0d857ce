import { claimTrials, readCurves } from '@unroll/database';
import { Committer } from '../../apps/worker/src/committer';
import { GroupRun } from '../../apps/worker/src/group-run';
import { Spool } from '../../apps/worker/src/spool';
import { claimant } from '../support/attempts';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase();
const metric = 'validation.perplexity';

describe('values that are not finite', () => {
  it('are stored as they are, and a trial without any other says that it has no rank', async () => {
    const objective = { metric, goal: 'minimize', use: 'best' } as const;
    await writeSweep(dataSource, smallSweep({ objective, search: { trials: 4 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const run = new GroupRun(claim);
    const committer = new Committer(dataSource, new Spool(temporaryFolder()));
    const refused: string[] = [];
    committer.onLost = (lost) => void refused.push(...lost.refused);
    committer.add(run);
    const { groupId } = claim;
    const values = [3, Infinity, 2, NaN];
    for (const [index, { attemptId }] of claim.trials.entries()) {
      const report = { update: 2, metrics: { [metric]: values[index]! } };
      run.report({ type: 'report', groupId, attemptId, report });
      const outcome = { state: 'completed' as const, updates: 2, seconds: 1, stepsPerSecond: 2 };
      run.outcome({ type: 'outcome', groupId, attemptId, outcome, model: null });
    }
    await committer.commit();
    expect(refused).toEqual([]);
    const message = `${metric} was infinite or not a number in every report: the trial has no value and no rank`;
    expect(await dataSource.query('select state, value, message from trials order by number')).toEqual([
      { state: 'completed', value: 3, message: null },
      { state: 'completed', value: null, message },
      { state: 'completed', value: 2, message: null },
      { state: 'completed', value: null, message },
    ]);
    const ids = claim.trials.map(({ trialId }) => trialId);
    const curves = await readCurves(dataSource, ids);
    expect(ids.map((id) => curves.get(id)![0]!.values)).toEqual(values.map((value) => [value]));
  });
});
