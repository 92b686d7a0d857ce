import {
  cancelSweep,
  claimTrials,
  commitWork,
  editSweep,
  namedCheckpoints,
  retryTrial,
  Sweep,
  Trial,
  type AttemptWork,
  type Claim,
  type ClaimedTrial,
} from '@unroll/database';
import { summarizeRungs } from '../../apps/api/src/sweeps/rungs';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { judge } from '../../libs/verdicts/src';
import { toLane } from '../../apps/worker/src/claims';
import { attemptWork, claimant, claims, completed } from '../support/attempts';
import { useDatabase } from '../support/database';
import { useSearchThreads } from '../support/search-threads';
import { emptySweep, smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const threads = useSearchThreads();

const metric = 'validation.bitsPerToken';
const makeSpec = (search: object) =>
  smallSweep({
    training: { bptt: 4, batchSize: 2, updates: 16, reportEvery: 1, learningRate: { logUniform: [1e-3, 1e-2] } },
    search,
    stopping: { rule: 'freeze-thaw', minUpdates: 2 },
  });

/** Values of trial `number`: those of a lower number are lower, and all fall towards their own limit. */
const valueAt = (number: number, update: number): number => 1 + number / 10 + 1 / update;

const trialsOf = (sweepId: string): Promise<Trial[]> =>
  dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });

/** What a worker commits of a claimed trial that reaches its next rung or its end, with its curve. */
async function workOf(claim: Claim, trial: ClaimedTrial, value = valueAt): Promise<AttemptWork> {
  const { number } = await dataSource.getRepository(Trial).findOneByOrFail({ id: trial.trialId });
  const { until: update = 16 } = toLane(trial, claim);
  const from = trial.checkpoint?.update ?? 0;
  const updates = Array.from({ length: update - from }, (_, index) => from + index + 1);
  const curves = [{ name: metric, updates, values: updates.map((each) => value(number, each)) }];
  const checkpoint = `checkpoints/${trial.trialId}/${trial.attemptId}/${update}.state`;
  const ends = update === 16 ? { end: completed } : { rung: { checkpoint, update } };
  return attemptWork(trial, { updates: update, value: value(number, update), curves, ...ends });
}

/** Trains until nothing is left, `lanes` at a time; returns how many updates were made. */
async function train(lanes: number, value = valueAt): Promise<number> {
  let updates = 0;
  for (;;) {
    const claim = await claimTrials(dataSource, { ...claimant, lanes });
    if (!claim) return updates;
    const work = await Promise.all(claim.trials.map((trial) => workOf(claim, trial, value)));
    updates += work.reduce((sum, { curves }) => sum + curves[0]!.updates.length, 0);
    await commitWork(dataSource, work, [], judge);
  }
}

describe('a sweep with freeze-thaw', () => {
  it('stops configurations at rungs and completes the best, for a part of the updates', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 20 }));
    const updates = await train(4);
    const trials = await trialsOf(id);
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['pruned', 'completed']));
    expect(trials[0]!.state).toBe('completed');
    expect(updates).toBeLessThan((20 * 16) / 2);
    for (const { state, checkpoint, checkpointUpdate, message } of trials)
      if (state === 'pruned') {
        expect(checkpoint).toContain(`/${checkpointUpdate}.state`);
        expect(message).toMatch(/^freeze-thaw at update \d+: /);
      }
  });

  it('resumes a stopped configuration from its checkpoint, and logs why', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 24 }));
    await train(1);
    const resumed = await dataSource.query(
      `select configuration, rung, later_why as why from verdicts where sweep_id = $1 and later_seen is not null`,
      [id],
    );
    expect(resumed.length).toBeGreaterThan(0);
    const [{ configuration, why }] = resumed;
    expect(why).toMatch(/at its rung|expected improvement/);
    const attempts = await dataSource.query(
      `select attempts.state from attempts join trials on trials.id = trial_id
       where sweep_id = $1 and configuration = $2 order by attempts.started_at`,
      [id, configuration],
    );
    expect(attempts.length).toBeGreaterThan(1);
    expect(attempts[0].state).toBe('succeeded');
  });

  it('is replayed with the same decisions, and a changed one is found', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 20 }));
    await train(3);
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const { verdicts } = await replaySweep(dataSource, threads, sweep);
    expect(verdicts).toMatchObject({ different: 0, first: null });
    expect(verdicts.count).toBeGreaterThan(5);
    await dataSource.query(
      `update verdicts set decision = 'continue' where sweep_id = $1 and rung = 0 and score = (
         select max(score) from verdicts where sweep_id = $1 and rung = 0)`,
      [id],
    );
    expect((await replaySweep(dataSource, threads, sweep)).verdicts.different).toBeGreaterThan(0);
  });

  it('teaches the search each arrival once, also of what resumes, under whatever leader, and replays identically', async () => {
    const sweep = await emptySweep(dataSource, makeSpec({ algorithm: 'tpe', trials: 30, seed: 2 }), 4);
    const searches = new Searches(threads);
    for (let turn = 0; turn < 40; turn += 1) {
      // Every other turn a new leader knows nothing but the log.
      if (turn % 2 === 1) await searches.forget(sweep.id);
      await proposeTrials(dataSource.manager, searches);
      const claim = await claimTrials(dataSource, { ...claimant, lanes: 3 });
      if (!claim) continue;
      const work = await Promise.all(claim.trials.map((trial) => workOf(claim, trial)));
      await commitWork(dataSource, work, [], judge);
    }
    const learned = await dataSource.query(
      `select entry ->> 0 as configuration, entry ->> 2 as share from proposals, json_array_elements(learned) entry`,
    );
    const names = learned.map(({ configuration, share }: Record<string, string>) => `${configuration} ${share}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(learned.map(({ configuration }: any) => configuration)).size).toBeLessThan(names.length);
    const { proposals, verdicts } = await replaySweep(dataSource, threads, sweep);
    expect([proposals.different, verdicts.different]).toEqual([0, 0]);
    expect(proposals.count).toBeGreaterThan(20);
  });

  it('learns at which value a configuration that had failed comes to its rung once it is retried, and replays identically', async () => {
    const sweep = await emptySweep(dataSource, makeSpec({ algorithm: 'tpe', trials: 30, seed: 2, repeats: 2 }), 8);
    const searches = new Searches(threads);
    const step = async (lanes: number): Promise<void> => {
      await proposeTrials(dataSource.manager, searches);
      const claim = (await claimTrials(dataSource, { ...claimant, lanes }))!;
      const work = await Promise.all(claim.trials.map((trial) => workOf(claim, trial)));
      await commitWork(dataSource, work, [], judge);
    };
    await proposeTrials(dataSource.manager, searches);
    const failed = { ...completed, trialState: 'failed', message: 'out of luck' } as const;
    const fail = async (): Promise<string> => {
      const [trial] = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!.trials;
      await commitWork(dataSource, [attemptWork(trial!, { end: failed })], [], judge);
      return trial!.trialId;
    };
    const lost = [await fail()];
    // The other seed comes to the rung, and fails later: a configuration with a failed seed has no value.
    await step(1);
    const arrivals = (): Promise<unknown[]> =>
      dataSource.query(`select rung, score from verdicts where configuration = 0 order by sequence`);
    expect(await arrivals()).toEqual([{ rung: 0, score: NaN }]);
    lost.push(await fail());
    for (let turn = 0; turn < 4; turn += 1) await step(3);
    // Where it fails again, nothing is new.
    await retryTrial(dataSource, lost[0]!);
    expect(await fail()).toBe(lost[0]);
    expect(await arrivals()).toEqual([{ rung: 0, score: NaN }]);
    for (const id of lost) await retryTrial(dataSource, id);
    for (let turn = 0; turn < 8; turn += 1) await step(2);
    const value = (valueAt(0, 2) + valueAt(1, 2)) / 2;
    expect((await arrivals()).slice(0, 2)).toEqual([
      { rung: 0, score: NaN },
      { rung: 0, score: expect.closeTo(value, 9) },
    ]);
    const learned = await dataSource.query(
      `select entry ->> 1 as value, entry ->> 2 as share from proposals, json_array_elements(learned) entry
       where entry ->> 0 = '0' order by first limit 2`,
    );
    expect(learned.map((each: any) => [each.value === null ? null : Number(each.value), Number(each.share)])).toEqual([
      [null, 2 / 16],
      [expect.closeTo(value, 9), 2 / 16],
    ]);
    const { items } = await summarizeRungs(dataSource, sweep);
    const [{ count }] = await dataSource.query(
      `select count(distinct configuration)::integer as count from verdicts where rung = 0`,
    );
    expect(items[0]).toMatchObject({ came: count });
    const { proposals, verdicts } = await replaySweep(dataSource, threads, sweep);
    expect([proposals.different, verdicts.different]).toEqual([0, 0]);
  });

  it('does not count a seed that failed as it came to a rung, and goes on once that has started over', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 1, repeats: 2 }));
    const [first, second] = (await trialsOf(id)).map((trial) => trial.id) as [string, string];
    const held = new Map<string, [Claim, ClaimedTrial]>();
    const claim = async (trialId: string): Promise<void> => {
      const claimed = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!;
      expect(claimed.trials.map((trial) => trial.trialId)).toEqual([trialId]);
      held.set(trialId, [claimed, claimed.trials[0]!]);
    };
    const arrive = async (trialId: string): Promise<void> => {
      await commitWork(dataSource, [await workOf(...held.get(trialId)!)], [], judge);
    };
    /** It fails after its reports, as where its checkpoint cannot be written. */
    const fail = async (trialId: string): Promise<void> => {
      const { rung: _, ...reported } = await workOf(...held.get(trialId)!);
      const end = { ...completed, trialState: 'failed', message: 'no space left' } as const;
      await commitWork(dataSource, [{ ...reported, end }], [], judge);
    };
    const rungs = async (): Promise<string[]> => {
      const rows: { rung: number; score: number }[] = await dataSource.query(
        `select rung, score from verdicts order by sequence`,
      );
      return rows.map(({ rung, score }) => `${rung} ${Number.isNaN(score) ? 'failed' : 'came'}`);
    };
    await claim(first);
    await fail(first);
    await claim(second);
    await arrive(second);
    await claim(second);
    await retryTrial(dataSource, first);
    await claim(first);
    await fail(second);
    for (let rung = 0; rung < 2; rung += 1) {
      await arrive(first);
      expect(await rungs()).toEqual(['0 failed']);
      if (rung === 0) await claim(first);
    }
    await retryTrial(dataSource, second);
    await train(1);
    expect(await rungs()).toEqual(['0 failed', '0 came', '1 came', '2 came', '3 came']);
    expect((await trialsOf(id)).map(({ state }) => state)).toEqual(['completed', 'completed']);
  });

  it.each([1, 2, 5])('trains at least one of %s configurations to its end', async (trials) => {
    const id = await writeSweep(dataSource, makeSpec({ trials }));
    await train(5);
    expect((await trialsOf(id)).some(({ state }) => state === 'completed')).toBe(true);
  });

  it('completes a configuration even if all others diverge', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 3 }));
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 3 }))!;
    const [first, ...others] = claim.trials;
    await commitWork(dataSource, [await workOf(claim, first!)], [], judge);
    const diverged = { trialState: 'diverged', seconds: 1, message: 'update 1: NaN', model: null } as const;
    for (const trial of others) await commitWork(dataSource, [attemptWork(trial, { end: diverged })], [], judge);
    await train(1);
    const states = (await trialsOf(id)).map(({ state }) => state).sort();
    expect(states).toEqual(['completed', 'diverged', 'diverged']);
  });

  it('judges a configuration by the mean of its seeds, which stop and resume together', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 12, repeats: 2 }));
    await train(2);
    const trials = await trialsOf(id);
    for (let configuration = 0; configuration < 12; configuration += 1) {
      const [a, b] = trials.filter((trial) => trial.configuration === configuration);
      expect([b!.state, b!.checkpointUpdate]).toEqual([a!.state, a!.checkpointUpdate]);
    }
    expect(trials.filter(({ state }) => state === 'completed').length).toBeGreaterThan(0);
  });

  /** Trains one at a time until a stopped configuration was chosen to go on; returns its trial. */
  async function untilResumed(id: string): Promise<Trial> {
    for (;;) {
      const claim = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!;
      await dataSource.query(`update attempts set started_at = started_at - interval '10 s' where state = 'running'`);
      await commitWork(dataSource, await Promise.all(claim.trials.map((trial) => workOf(claim, trial))), [], judge);
      const waiting = (await trialsOf(id)).find(
        ({ state, checkpointUpdate }) => state === 'pending' && checkpointUpdate > 0,
      );
      if (waiting) return waiting;
    }
  }
  const scoreOf = async (sweepId: string, configuration: number): Promise<{ score: number; state: string }> =>
    (
      await dataSource.query(
        `select score, configurations.state from configurations where sweep_id = $1 and configuration = $2`,
        [sweepId, configuration],
      )
    )[0];

  it('keeps a configuration on the leaderboard while it waits to go on, and where the sweep ends meanwhile', async () => {
    const [cancelled, training] = [await writeSweep(dataSource, makeSpec({ trials: 24 })), 'running'];
    const waiting = await untilResumed(cancelled);
    const { configuration, value } = waiting;
    expect(value).not.toBeNull();
    expect(await scoreOf(cancelled, configuration)).toEqual({ score: value, state: training });
    await cancelSweep(dataSource, cancelled);
    expect(await scoreOf(cancelled, configuration)).toEqual({ score: value, state: 'pruned' });
    const id = await writeSweep(dataSource, makeSpec({ trials: 24 }));
    const next = await untilResumed(id);
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 1 }))!;
    expect(trials[0]!.trialId).toBe(next.id);
    expect(await scoreOf(id, next.configuration)).toEqual({ score: next.value, state: training });
    await cancelSweep(dataSource, id);
    expect(await trialsOf(id)).toContainEqual(
      expect.objectContaining({ id: next.id, state: 'pruned', message: 'the sweep ended while it continued' }),
    );
    expect((await trialsOf(id)).filter(({ state }) => state === 'cancelled').map(({ value: none }) => none)).toEqual(
      expect.not.arrayContaining([expect.any(Number)]),
    );
  });

  it('says why one that waits to go on does not, where its sweep is edited', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 24 }));
    const waiting = await untilResumed(id);
    const { spec, configurations, total, proposed } = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    await dataSource.transaction((manager) =>
      editSweep(
        manager,
        { sweepId: id, number: 1, first: proposed, replaced: spec, inherited: [], changed: ['training'] },
        { spec, configurations, total, message: null, withdrawn: [waiting.number] },
      ),
    );
    const message = 'the sweep was edited: this configuration is outside of its new space';
    expect(await trialsOf(id)).toContainEqual(expect.objectContaining({ id: waiting.id, state: 'pruned', message }));
  });

  it('counts the seconds of all stretches of a training', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 24 }));
    for await (const claim of claims(dataSource, { ...claimant, lanes: 1 })) {
      await dataSource.query(`update attempts set started_at = started_at - interval '10 s' where state = 'running'`);
      await commitWork(dataSource, await Promise.all(claim.trials.map((trial) => workOf(claim, trial))), [], judge);
    }
    const resumed = await dataSource.query(
      `select seconds, count(*)::integer as attempts from trials join attempts on trial_id = trials.id
       where sweep_id = $1 and trials.state = 'pruned' group by trials.id having count(*) > 1`,
      [id],
    );
    expect(resumed.length).toBeGreaterThan(0);
    for (const { seconds, attempts } of resumed) expect(seconds).toBeCloseTo(10 * attempts, -1);
  });

  it('keeps the checkpoints of stopped trials until the sweep has ended', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 12 }));
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 4 }))!;
    const work = await Promise.all(claim.trials.map((trial) => workOf(claim, trial)));
    await commitWork(dataSource, work, [], judge);
    const names = work.map(({ rung }) => rung!.checkpoint);
    const named = async () => [...(await namedCheckpoints(dataSource.manager, names, [])).named].sort();
    expect(await named()).toEqual([...names].sort());
    await cancelSweep(dataSource, id);
    expect(await named()).toEqual([]);
  });

  it('shows which configurations stopped at each rung', async () => {
    const id = await writeSweep(dataSource, makeSpec({ trials: 20 }));
    await train(4);
    const sweep = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const { items } = await summarizeRungs(dataSource, sweep);
    expect(items[0]).toMatchObject({ rung: 0, updates: [2, 2], came: 20 });
    for (const [index, { came, stopped }] of items.entries())
      if (items[index + 1]) expect(came - stopped).toBe(items[index + 1]!.came);
  });
});
