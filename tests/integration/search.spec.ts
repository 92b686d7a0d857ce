import {
  claimTrials,
  commitWork,
  completeSweeps,
  finishedConfigurations,
  renewLeases,
  Sweep,
  Trial,
  type AttemptWork,
  type ClaimedTrial,
  type LostAttempts,
} from '@unroll/database';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { summarizeRungs } from '../../apps/api/src/sweeps/rungs';
import { warmStart } from '../../apps/api/src/sweeps/warm-start';
import { judge } from '../../libs/verdicts/src';
import { testCaller } from '../support/api';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { emptySweep, smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase({ clear: true });
const threads = useSearchThreads();

const metric = 'validation.bitsPerToken' as const;

function workOf(trial: ClaimedTrial, points: [update: number, value: number][], ended: boolean): AttemptWork {
  const value = Math.min(...points.map(([, each]) => each));
  return attemptWork(trial, {
    value: Number.isFinite(value) ? value : null,
    curves: [{ name: metric, updates: points.map(([update]) => update), values: points.map(([, each]) => each) }],
    updates: points.at(-1)![0],
    ...(ended ? { end: completed } : {}),
  });
}

/** Claims all pending trials and ends each with `valueOf` its learning rate. */
async function trainAll(valueOf: (rate: number) => number): Promise<number> {
  let trained = 0;
  for await (const claim of claims(dataSource)) {
    trained += claim.trials.length;
    const work = claim.trials.map((trial) => workOf(trial, [[4, valueOf(trial.spec.training.learningRate)]], true));
    await commitWork(dataSource, work, [], judge);
  }
  return trained;
}

describe('the outcome of a configuration that a rule stopped', () => {
  it.each([
    [{ updates: 40 }, undefined],
    [{ epochs: 4 }, 10],
  ])('is of the part of its training that it had, with %j', async (length, updatesPerEpoch) => {
    const training = { bptt: 4, batchSize: 2, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] }, ...length };
    const stopping = { rule: 'asha', minUpdates: 2, reductionFactor: 2 };
    const id = await writeSweep(dataSource, smallSweep({ training, search: { trials: 2 }, stopping }));
    const { trials } = (await claimTrials(dataSource, claimant))!;
    const report = (trial: ClaimedTrial, update: number, value: number): AttemptWork => ({
      ...workOf(trial, [[update, value]], false),
      updatesPerEpoch,
    });
    await commitWork(dataSource, [report(trials[0]!, 2, 1)], [], judge);
    await commitWork(dataSource, [report(trials[1]!, 2, 0.5)], [], judge);
    // The first of its rung is judged again at its next report.
    await commitWork(dataSource, [report(trials[0]!, 10, 0.9)], [], judge);
    expect(await finishedConfigurations(dataSource.manager, id, [0, 1])).toEqual([
      { configuration: 0, value: 0.9, share: 0.25, metrics: null },
    ]);
  });
});

describe('a search that learns', () => {
  const spec = smallSweep({ search: { algorithm: 'tpe', trials: 40, seed: 3 } });
  const valueOf = (rate: number): number => Math.abs(Math.log10(rate) + 2.5);

  it('proposes no more trials than may run at a time, continues as they end, and replays identically', async () => {
    const sweep = await emptySweep(dataSource, spec, 4);
    const searches = new Searches(threads);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(4);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(0);
    let total = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      total += await trainAll(valueOf);
      await proposeTrials(dataSource.manager, searches);
    }
    expect(total).toBe(40);
    const replay = await replaySweep(dataSource, threads, sweep);
    expect(replay.proposals).toEqual({ count: 40, different: 0, first: null });
    const [{ late }] = await dataSource.query(`select avg(value) as late from trials where number >= 25`);
    const [{ early }] = await dataSource.query(`select avg(value) as early from trials where number < 10`);
    expect(late).toBeLessThan(early);
  });

  it('proposes the same under another leader as under the first', async () => {
    const sweep = await emptySweep(dataSource, spec, 4);
    const searches = new Searches(threads);
    for (let turn = 0; turn < 20; turn += 1) {
      // A new leader each turn knows nothing but the log.
      await searches.forget(sweep.id);
      await proposeTrials(dataSource.manager, searches);
      await trainAll(valueOf);
    }
    expect((await replaySweep(dataSource, threads, sweep)).proposals).toEqual({ count: 40, different: 0, first: null });
  });

  it('takes five turns if nothing limits its trials, however many lanes there are', async () => {
    await emptySweep(dataSource, spec, null);
    await dataSource.query(
      `insert into workers (id, host, pid, trainers, engine, device, lanes) values ('w', 'here', 1, '{1,2}', 'cpu', 'cpu', 64)`,
    );
    expect(await proposeTrials(dataSource.manager, new Searches(threads))).toBe(8);
    await dataSource.query('delete from workers');
  });

  it('reports where a replay differs', async () => {
    const sweep = await emptySweep(dataSource, spec, 4);
    await proposeTrials(dataSource.manager, new Searches(threads));
    await dataSource.query(`update proposals set parameters = '[{"training.learningRate": 0.005}]' where first = 0`);
    const { proposals } = await replaySweep(dataSource, threads, sweep);
    expect(proposals).toMatchObject({ count: 1, different: 1 });
    expect(proposals.first).toMatch(/^configuration 0: logged \{"training.learningRate":0.005\}, replayed /);
  });

  it('continues if every trial fails, and the sweep reports it at the end', async () => {
    const { id } = await emptySweep(dataSource, smallSweep({ search: { algorithm: 'tpe', trials: 16 } }), 8);
    const searches = new Searches(threads);
    await allowAnyState(dataSource);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await proposeTrials(dataSource.manager, searches)).toBe(8);
      await dataSource.query(
        `update trials set state = 'failed', message = 'out of luck', finished_at = clock_timestamp() where state = 'pending'`,
      );
    }
    await completeSweeps(dataSource.manager);
    const first = await dataSource.getRepository(Trial).findOneByOrFail({ sweepId: id, number: 0 });
    expect(await dataSource.getRepository(Sweep).findOneByOrFail({ id })).toMatchObject({
      state: 'failed',
      message: `every trial failed; the first, ${first.id}: out of luck`,
    });
  });

  it('completes a sweep without a value if some of its trials only diverged, and says why the first failed', async () => {
    const { id } = await emptySweep(dataSource, smallSweep({ search: { trials: 4 } }), 4);
    await proposeTrials(dataSource.manager, new Searches(threads));
    await allowAnyState(dataSource);
    await dataSource.query(
      `update trials set state = case when number = 2 then 'failed' else 'diverged' end, finished_at = clock_timestamp()
       where sweep_id = $1`,
      [id],
    );
    await completeSweeps(dataSource.manager);
    const failed = await dataSource.getRepository(Trial).findOneByOrFail({ sweepId: id, number: 2 });
    expect(await dataSource.getRepository(Sweep).findOneByOrFail({ id })).toMatchObject({
      state: 'completed',
      message:
        'no trial reached a value of validation.bitsPerToken: 1 failed, 3 diverged, 0 never reported one; ' +
        `the first that failed, ${failed.id}: reason unknown`,
    });
  });

  it('starts from the results of earlier sweeps, and refuses those with other measures or search spaces', async () => {
    const earlier = await writeSweep(dataSource, smallSweep({ search: { trials: 30 } }));
    await trainAll(valueOf);
    const { comparisonKey } = await dataSource.getRepository(Trial).findOneByOrFail({ sweepId: earlier, number: 0 });
    const objective = { metric, goal: 'minimize' as const, use: 'best' as const };
    const start = (search: object, boards = [comparisonKey], training?: object): Promise<unknown[]> =>
      warmStart(
        dataSource,
        threads,
        testCaller,
        smallSweep({ search, ...(training ? { training } : {}) }),
        objective,
        boards,
      );
    const from = [earlier];
    const found = await start({ algorithm: 'tpe', trials: 5, from });
    expect(found).toHaveLength(30);
    // PostgreSQL ends a transaction that is idle for seconds, which a thread may take on a busy machine.
    const idle = `select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`;
    const patient = { answer: async () => ((await dataSource.query<unknown[]>(idle)).length > 0 ? 0 : 30) };
    const learning = smallSweep({ search: { algorithm: 'tpe', trials: 5, from } });
    const asked = warmStart(dataSource, patient as never, testCaller, learning, objective, [comparisonKey]);
    expect(await asked).toEqual(found);
    const warm = await emptySweep(dataSource, smallSweep({ search: { algorithm: 'tpe', trials: 8, from } }), 8);
    await dataSource.getRepository(Sweep).update({ id: warm.id }, { earlier: found as never });
    await proposeTrials(dataSource.manager, new Searches(threads));
    const replayed = await dataSource.getRepository(Sweep).findOneByOrFail({ id: warm.id });
    expect((await replaySweep(dataSource, threads, replayed)).proposals).toEqual({
      count: 8,
      different: 0,
      first: null,
    });
    expect((await replaySweep(dataSource, threads, { ...replayed, earlier: [] })).proposals.different).toBeGreaterThan(
      0,
    );

    await expect(start({ algorithm: 'random', from })).rejects.toThrow(
      'search.from: search: random cannot learn from earlier sweeps: use search: tpe, or omit search.from',
    );
    await expect(start({ algorithm: 'tpe', from }, ['another'])).rejects.toThrow(
      `search.from[0]: sweep ${earlier} has no completed trial on the same data, split and task`,
    );
    const elsewhere = { bptt: 4, batchSize: 2, updates: 4, learningRate: { uniform: [0.5, 0.6] } };
    await expect(start({ algorithm: 'tpe', from }, [comparisonKey], elsewhere)).rejects.toThrow(
      `search.from[0]: sweep ${earlier} searched another space: none of its 30 configurations is in this one`,
    );
    await expect(start({ algorithm: 'tpe', from: ['nosuch'] })).rejects.toThrow('search.from[0]: no sweep nosuch');
    // Deleted while they are read: all of them are there, or none.
    const both = start({ algorithm: 'tpe', from: [earlier, warm.id] });
    await dataSource.query('delete from sweeps where id = $1', [earlier]);
    await expect(both).rejects.toThrow(
      new RegExp(
        `^search.from\\[(0\\]: no sweep ${earlier}|1\\]: sweep ${warm.id} has no completed trial on the same data, split and task)$`,
      ),
    );
    await expect(start({ algorithm: 'tpe', from })).rejects.toThrow(`search.from[0]: no sweep ${earlier}`);
  });
});

describe('stopping early', () => {
  const training = { bptt: 4, batchSize: 2, updates: 40, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } };
  const spec = smallSweep({
    training,
    search: { trials: 6 },
    stopping: { rule: 'asha', reductionFactor: 2, minUpdates: 4 },
  });

  it('prunes a trial that is not among the best of a rung, in the transaction of its report', async () => {
    const id = await writeSweep(dataSource, spec);
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 6 }))!;
    const pruned: string[] = [];
    for (const [index, trial] of claim.trials.entries()) {
      const points: [number, number][] = [
        [2, 9],
        [4, index],
      ];
      const lost = await commitWork(dataSource, [workOf(trial, points, false)], [], judge);
      expect([...lost.cancelled, ...lost.refused]).toEqual([]);
      pruned.push(...lost.pruned);
    }
    // The best half of the arrivals continues, and each later one is worse than those before it.
    expect(pruned).toEqual(claim.trials.slice(1).map(({ attemptId }) => attemptId));
    const [row] = await dataSource.query(`select state, value, message from trials where id = $1`, [
      claim.trials[3]!.trialId,
    ]);
    expect(row).toEqual({
      state: 'pruned',
      value: 3,
      message: 'asha at update 4: rank 4 of 4 at this rung; the best 2 continue',
    });
    expect(await commitWork(dataSource, [workOf(claim.trials[3]!, [[6, 1]], false)])).toEqual({
      ...{ pruned: [claim.trials[3]!.attemptId], cancelled: [], refused: [] },
    });
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const { items } = await summarizeRungs(dataSource, sweep);
    expect(items).toMatchObject([{ rung: 0, updates: [4, 4], came: 6, stopped: 5, best: 0, correlation: null }]);
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 6, different: 0, first: null });
  });

  it('stops one of the first at a rung by its next report, once others show that it is not among the best', async () => {
    // A factor that is no whole number still counts whole arrivals.
    const id = await writeSweep(dataSource, { ...spec, stopping: { ...spec.stopping, reductionFactor: 3.5 } });
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 6 }))!;
    const [first, ...others] = claim.trials as [ClaimedTrial, ...ClaimedTrial[]];
    const commit = (trial: ClaimedTrial, update: number, value: number): Promise<LostAttempts> =>
      commitWork(dataSource, [workOf(trial, [[update, value]], false)], [], judge);
    await commit(first, 4, 9);
    expect(await commit(first, 6, 8.5)).toMatchObject({ pruned: [] });
    for (const [index, trial] of others.entries()) await commit(trial, 4, 8 - index);
    expect((await commit(first, 10, 0.5)).pruned).toEqual([first.attemptId]);
    const [{ message }] = await dataSource.query(`select message from trials where id = $1`, [first.trialId]);
    expect(message).toBe('asha at update 10, judged again on update 4: rank 6 of 6 at this rung; the best 1 continue');
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const { items } = await summarizeRungs(dataSource, sweep);
    expect(items).toMatchObject([{ rung: 0, came: 6, stopped: 1 }]);
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 7, different: 0, first: null });
  });

  it('does not prune a trial that has already ended, and ranks NaN last', async () => {
    const id = await writeSweep(dataSource, spec);
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 6 }))!;
    const work = claim.trials.map((trial, index) =>
      workOf(
        trial,
        [
          [4, index === 0 ? NaN : 5 - index],
          [40, 1],
        ],
        index === 5,
      ),
    );
    await commitWork(dataSource, work, [], judge);
    const rows = await dataSource.query(`select state from trials where sweep_id = $1 order by number`, [id]);
    expect(rows.map(({ state }: { state: string }) => state)).toEqual([
      'running',
      'running',
      'running',
      'running',
      'running',
      'completed',
    ]);
    const notes = await dataSource.query(`select score from verdicts order by sequence`);
    expect(notes.map(({ score }: { score: number }) => score)).toEqual([NaN, 4, 3, 2, 1, 0]);
  });

  it('judges a configuration by the mean of its seeds once the last has reached the rung, and stops all of them', async () => {
    const repeated = smallSweep({
      training,
      search: { trials: 2, repeats: 2 },
      stopping: { rule: 'asha', reductionFactor: 2, minUpdates: 4 },
    });
    const id = await writeSweep(dataSource, repeated);
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 4 }))!;
    const [a0, a1, b0, b1] = claim.trials as [ClaimedTrial, ClaimedTrial, ClaimedTrial, ClaimedTrial];
    const commit = (trial: ClaimedTrial, update: number, value: number): Promise<LostAttempts> =>
      commitWork(dataSource, [workOf(trial, [[update, value]], false)], [], judge);
    await commit(b0, 4, 0);
    await commit(a0, 4, 1);
    await commit(a1, 4, 3);
    expect(await dataSource.query(`select configuration, score from verdicts`)).toEqual([
      { configuration: 0, score: 2 },
    ]);
    expect((await commit(b1, 4, 9)).pruned).toEqual([b1.attemptId]);
    // The other seed, in training elsewhere, ended at the same moment: its worker is told so by its next commit or renewal.
    expect(await commit(b0, 6, 0)).toEqual({ pruned: [b0.attemptId], cancelled: [], refused: [] });
    expect(await renewLeases(dataSource, [a0.attemptId, b0.attemptId], 20)).toEqual({
      ...{ pruned: [b0.attemptId], cancelled: [], refused: [] },
    });
    const states = await dataSource.query(`select state from trials where sweep_id = $1 order by number`, [id]);
    expect(states.map(({ state }: { state: string }) => state)).toEqual(['running', 'running', 'pruned', 'pruned']);
  });

  it('ends a seed whose worker is writing at the time of the verdict on its next report', async () => {
    const repeated = smallSweep({
      training,
      search: { trials: 2, repeats: 2 },
      stopping: { rule: 'asha', reductionFactor: 2, minUpdates: 4 },
    });
    await writeSweep(dataSource, repeated);
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 4 }))!;
    const [a0, a1, b0, b1] = claim.trials as [ClaimedTrial, ClaimedTrial, ClaimedTrial, ClaimedTrial];
    const commit = (trial: ClaimedTrial, update: number, value: number): Promise<LostAttempts> =>
      commitWork(dataSource, [workOf(trial, [[update, value]], false)], [], judge);
    for (const [trial, value] of [
      [a0, 1],
      [a1, 1],
      [b0, 9],
    ] as const)
      await commit(trial, 4, value);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select from attempts where id = $1 for update`, [b0.attemptId]);
    await commit(b1, 4, 9);
    await runner.rollbackTransaction();
    await runner.release();
    expect((await commit(b0, 6, 0)).pruned).toEqual([b0.attemptId]);
  });

  it('stores each point of a curve once, however often it is judged, and replays identically', async () => {
    const id = await writeSweep(
      dataSource,
      smallSweep({ training, search: { trials: 2 }, stopping: { rule: 'plateau', minUpdates: 2, patience: 3 } }),
    );
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 2 }))!;
    const pruned = new Set<string>();
    for (let update = 2; update <= 20; update += 2)
      for (const [index, trial] of claim.trials.entries()) {
        const work = workOf(trial, [[update, index === 0 ? 9 : 20 - update]], false);
        for (const id of (await commitWork(dataSource, [work], [], judge)).pruned) pruned.add(id);
      }
    expect([...pruned]).toEqual([claim.trials[0]!.attemptId]);
    const rows = await dataSource.query(`select updates from verdicts where configuration = 1 order by rung`);
    expect(rows.map(({ updates }: { updates: number[] }) => updates)).toEqual([
      [2],
      [4],
      [6],
      [8],
      [10],
      [12],
      [14],
      [16],
      [18],
      [20],
    ]);
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 14, different: 0, first: null });
  });

  it('compares at equal epochs or tokens, where batch sizes differ', async () => {
    const sizes = { ...training, batchSize: { grid: [2, 4] } };
    for (const [stopping, rungs] of [
      [{ rule: 'asha', minEpochs: 1 }, [8, 4]],
      [{ rule: 'asha', minTokens: 64 }, [8, 4]],
    ] as const) {
      await writeSweep(dataSource, smallSweep({ training: sizes, search: { trials: 2 }, stopping }));
      for (const each of rungs) {
        const claim = (await claimTrials(dataSource, claimant))!;
        for (let update = 2; update <= 8; update += 2) {
          const work = claim.trials.map((trial) => workOf(trial, [[update, each]], false));
          await commitWork(
            dataSource,
            work.map((one) => ({ ...one, updatesPerEpoch: each })),
            [],
            judge,
          );
        }
      }
      const rows = await dataSource.query(`select update from verdicts where rung = 0 order by configuration`);
      expect(rows.map(({ update }: { update: number }) => update)).toEqual(rungs);
      await dataSource.query('delete from sweeps');
    }
  });

  it('ranks each trial where many reach a rung at once', async () => {
    await writeSweep(
      dataSource,
      smallSweep({ training, search: { trials: 12 }, stopping: { rule: 'asha', minUpdates: 4 } }),
    );
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 12 }))!;
    await Promise.all(
      claim.trials.map((trial, index) => commitWork(dataSource, [workOf(trial, [[4, index]], false)], [], judge)),
    );
    const [{ id }] = await dataSource.query(`select id from sweeps`);
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 12, different: 0, first: null });
  });
});
