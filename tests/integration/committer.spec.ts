import { cancelSweep, claimTrials, commitWork, pruneTrials } from '@unroll/database';
import { Committer } from '../../apps/worker/src/committer';
import { GroupRun } from '../../apps/worker/src/group-run';
import { Spool } from '../../apps/worker/src/spool';
import { temporaryFolder } from '../support/servers.cjs';
import { useDatabase } from '../support/database';
import { WorkerMetrics } from '../../apps/worker/src/worker-metrics';
import { attemptWork, claimant, completed } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase();

describe('committing what trainers report', () => {
  it('fails only the attempt whose data the database refuses, with the reason, and commits its neighbours', async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 3 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const run = new GroupRun(claim);
    const committer = new Committer(dataSource, new Spool(temporaryFolder()));
    const refused: string[] = [];
    committer.onLost = (lost) => void refused.push(...lost.refused);
    committer.add(run);
    const { groupId } = claim;
    for (const [index, { attemptId }] of claim.trials.entries()) {
      // An update beyond PostgreSQL's integers: retrying cannot help.
      const update = index === 1 ? 2 ** 31 : 2;
      run.report({ type: 'report', groupId, attemptId, report: { update, metrics: { 'validation.bitsPerToken': 3 } } });
      if (index === 1) continue;
      const outcome = {
        state: 'completed' as const,
        updates: 2,
        seconds: 1,
        validationSeconds: 0.25,
        stepsPerSecond: 2,
      };
      run.outcome({ type: 'outcome', groupId, attemptId, outcome, model: null });
    }
    await committer.commit();
    const rows = await dataSource.query(
      'select state, value, message, seconds, validation_seconds as validation from trials order by number',
    );
    expect(rows.map(({ state, value }: any) => [state, value])).toEqual([
      ['completed', 3],
      ['failed', null],
      ['completed', 3],
    ]);
    expect(rows.map(({ seconds, validation }: any) => [seconds, validation])).toEqual([
      [1, 0.25],
      [0, null],
      [1, 0.25],
    ]);
    expect(rows[1].message).toContain('could not be stored');
    expect(refused).toEqual([claim.trials[1]!.attemptId]);
    expect(run.held).toEqual([]);
  });

  it('keeps how long validation took of a trial that a stopping rule ends', async () => {
    const id = await writeSweep(dataSource, smallSweep({ search: { trials: 1 } }));
    const claim = (await claimTrials(dataSource, claimant))!;
    const run = new GroupRun(claim);
    const committer = new Committer(dataSource, new Spool(temporaryFolder()));
    committer.add(run);
    const [{ attemptId }] = claim.trials as [(typeof claim.trials)[number]];
    const metrics = { 'validation.bitsPerToken': 3 };
    const report = { update: 1, metrics, validationSeconds: 0.125 };
    run.report({ type: 'report', groupId: claim.groupId, attemptId, report });
    await committer.commit();
    await pruneTrials(dataSource.manager, [attemptId], 'not promising');
    const [row] = await dataSource.query(
      'select state, validation_seconds as validation, seconds > 0 as timed from trials where sweep_id = $1',
      [id],
    );
    expect(row).toEqual({ state: 'pruned', validation: 0.125, timed: true });
  });

  it('counts a trial as ended only if its result was taken', async () => {
    const committer = new Committer(dataSource, new Spool(temporaryFolder()));
    const metrics = new WorkerMetrics({ capacity: { highest: 1 } } as never, committer, {
      slots: { all: [] },
    } as never);
    metrics.start();
    try {
      const ids = [];
      for (const _ of ['taken', 'cancelled'])
        ids.push(await writeSweep(dataSource, smallSweep({ search: { trials: 1 } })));
      const trials = [];
      for (const _ of ids) trials.push((await claimTrials(dataSource, claimant))!.trials[0]!);
      await cancelSweep(dataSource, ids[1]!);
      await commitWork(
        dataSource,
        trials.map((trial) => attemptWork(trial, { value: 1, end: completed })),
      );
      const [{ values }] = (await metrics.registry.getMetricsAsJSON()).filter(
        ({ name }) => name === 'unroll_worker_trials_total',
      ) as unknown as [{ values: { value: number }[] }];
      expect(values.map(({ value }) => value)).toEqual([1]);
    } finally {
      metrics.stop();
      metrics.registry.clear();
    }
  });
});
