import type { SweepSpec } from '@unroll/contracts';
import {
  cancelSweep,
  claimableWork,
  claimTrials,
  commitWork,
  completeSweeps,
  endSatisfiedSweeps,
  failSweep,
  finishedConfigurations,
  joinGroup,
  retryTrial,
  Sweep,
  type AttemptWork,
  type Claim,
  type ClaimedTrial,
} from '@unroll/database';
import { proposeTrials } from '../../apps/api/src/scheduler/advance';
import { advanceSeeds } from '../../apps/api/src/scheduler/paired-tests';
import { Searches } from '../../apps/api/src/scheduler/searches';
import { replaySweep } from '../../apps/api/src/sweeps/replay';
import { summarizeRungs } from '../../apps/api/src/sweeps/rungs';
import { judge } from '../../libs/verdicts/src';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, completed } from '../support/attempts';
import { useSearchThreads } from '../support/search-threads';
import { emptySweep, smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const threads = useSearchThreads();

const metric = 'validation.bitsPerToken' as const;
const training = { bptt: 4, batchSize: 2, updates: 40, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } };
const paired = (changes: Record<string, unknown> = {}): SweepSpec =>
  smallSweep({ training, search: { trials: 2, repeats: 10 }, stopping: { pThreshold: 0.1 }, ...changes });

const claim = (lanes = 40): Promise<Claim | undefined> => claimTrials(dataSource, { ...claimant, lanes });

/** The trials of a sweep: configuration, seed and state. */
const states = async (sweepId: string): Promise<string[]> =>
  (
    await dataSource.query<{ text: string }[]>(
      `select configuration || ': ' || string_agg(n || ' ' || state, ', ' order by state) as text
       from (select configuration, state, count(*) as n from trials where sweep_id = $1 group by configuration, state) counted
       group by configuration order by configuration`,
      [sweepId],
    )
  ).map(({ text }) => text);

const find = (id: string): Promise<Sweep> => dataSource.getRepository(Sweep).findOneByOrFail({ id });

/** Each trial's place: configuration and index of the seed. */
async function places({ trials }: Claim): Promise<{ trial: ClaimedTrial; configuration: number; seed: number }[]> {
  const rows = await dataSource.query<{ id: string; configuration: number; number: number }[]>(
    `select id, configuration, number from trials where id = any($1) order by number`,
    [trials.map(({ trialId }) => trialId)],
  );
  return rows.map(({ id, configuration, number }) => ({
    trial: trials.find(({ trialId }) => trialId === id)!,
    ...{ configuration, seed: number % 10 },
  }));
}

const ended = (trial: ClaimedTrial, value: number): AttemptWork =>
  attemptWork(trial, { value, updates: 40, metrics: { [metric]: value }, end: completed });

/** Claims what can be claimed and completes it with `valueOf` its configuration and seed; returns how many trials that were. */
async function train(valueOf: (configuration: number, seed: number) => number, claimed?: Claim): Promise<number> {
  const found = claimed ?? (await claim());
  if (!found) return 0;
  const work = (await places(found)).map(({ trial, configuration, seed }) =>
    ended(trial, valueOf(configuration, seed)),
  );
  await commitWork(dataSource, work, [], judge);
  return work.length;
}

const advance = (): Promise<void> => advanceSeeds(dataSource.manager);

/** Advances and trains until nothing is left. */
async function trainAll(valueOf: (configuration: number, seed: number) => number): Promise<void> {
  do await advance();
  while ((await train(valueOf)) > 0);
}

/** Completes configuration 0; then the first seeds of configuration 1 can be claimed. */
async function completeFirst(sweepId: string, valueOf: (configuration: number, seed: number) => number): Promise<void> {
  await dataSource.query(`update trials set held = true where sweep_id = $1 and configuration > 0`, [sweepId]);
  await trainAll(valueOf);
  await dataSource.query(`update trials set held = number >= 14 where sweep_id = $1 and configuration = 1`, [sweepId]);
}

describe('a sweep whose configurations are compared seed by seed', () => {
  // Seeds differ more than configurations do: only pairs show the difference.
  const valueOf = (configuration: number, seed: number): number => 10 * (9 - seed) + configuration;

  it('starts with four of ten seeds, and then doubles them', async () => {
    const id = await writeSweep(
      dataSource,
      paired({ search: { trials: 1, repeats: 10 }, stopping: { pThreshold: 0.1 } }),
    );
    expect(await claimableWork(dataSource.manager, 64, 30)).toMatchObject([{ trials: 4 }]);
    const first = await claim(3);
    expect(await joinGroup(dataSource, claimant, first!, 40)).toHaveLength(1);
    expect(await claim()).toBeUndefined();
    await advance();
    // None of the next start while one of the first runs.
    expect(await claim()).toBeUndefined();
    await dataSource.query(`update trials set state = 'completed', value = 1 where state = 'running'`);
    await advance();
    expect(await train(valueOf)).toBe(4);
    await advance();
    expect(await train(valueOf)).toBe(2);
    await completeSweeps(dataSource.manager);
    expect(await find(id)).toMatchObject({ state: 'completed' });
    expect(await dataSource.query('select from paired_tests')).toEqual([]);
  });

  it('prunes the other seeds of a configuration that is worse on the first four, and says why', async () => {
    const id = await writeSweep(dataSource, paired());
    await completeFirst(id, valueOf);
    await trainAll(valueOf);
    expect(await states(id)).toEqual(['0: 10 completed', '1: 4 completed, 6 pruned']);
    const [{ message }] = await dataSource.query(`select message from trials where state = 'pruned'`);
    expect(message).toBe('worse than configuration 0 on 4 of 4 seeds (p = 0.063)');
    await completeSweeps(dataSource.manager);
    const sweep = await find(id);
    expect(sweep.state).toBe('completed');
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toEqual({ count: 1, different: 0, first: null });
    expect((await summarizeRungs(dataSource, sweep)).pairedTests).toEqual([{ seeds: 4, came: 1, stopped: 1 }]);
    await dataSource.query(`update paired_tests set p = 0.5`);
    expect((await replaySweep(dataSource, threads, sweep)).verdicts).toMatchObject({ count: 1, different: 1 });
  });

  it('gives a configuration that was stopped the mean of the seeds that it has, all of them trained to the end', async () => {
    const id = await writeSweep(dataSource, paired());
    await completeFirst(id, valueOf);
    await train(valueOf);
    await advance();
    const mean = [0, 1, 2, 3].reduce((sum, seed) => sum + valueOf(1, seed), 0) / 4;
    const [row] = await dataSource.query(`select score, repeats, state from configurations where configuration = 1`);
    expect(row).toEqual({ score: mean, repeats: 4, state: 'completed' });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    expect(await finishedConfigurations(dataSource.manager, id, numbers)).toEqual([
      { configuration: 0, value: 45, share: 1, metrics: null },
      { configuration: 1, value: mean, share: 1, metrics: null },
    ]);
  });

  it('continues with a configuration that is no worse, until another comparison shows that it is', async () => {
    const id = await writeSweep(dataSource, paired());
    await completeFirst(id, valueOf);
    // The third seed is better; those after it are not.
    const later = (configuration: number, seed: number): number =>
      valueOf(0, seed) + (configuration === 1 ? (seed === 2 ? -0.5 : 1 + seed) : 0);
    await trainAll(later);
    expect(await states(id)).toEqual(['0: 10 completed', '1: 8 completed, 2 pruned']);
    expect(await dataSource.query(`select seeds, against, decision from paired_tests order by seeds`)).toEqual([
      { seeds: 4, against: 0, decision: 'continue' },
      { seeds: 8, against: 0, decision: 'stop' },
    ]);
    expect((await replaySweep(dataSource, threads, await find(id))).verdicts).toEqual({
      count: 2,
      different: 0,
      first: null,
    });
  });

  it('compares with the best of those whose seeds are all trained', async () => {
    const id = await writeSweep(dataSource, paired({ search: { trials: 4, repeats: 10 } }));
    // Configurations 0 and 1 have all seeds, 2 is better but has eight: 3 is compared with 1.
    await dataSource.query(
      `update trials set held = false, state = 'running' where sweep_id = $1 and (configuration < 2 or (configuration = 2 and number % 10 < 8))`,
      [id],
    );
    await dataSource.query(
      `update trials set state = 'completed', value = 10 - configuration + number % 10 where state = 'running'`,
    );
    const values = (configuration: number, seed: number): number => (configuration === 3 ? 20 : 0) + seed;
    expect(await train(values)).toBe(4);
    await advance();
    const [{ message }] = await dataSource.query(
      `select message from trials where configuration = 3 and state = 'pruned'`,
    );
    expect(message).toBe('worse than configuration 1 on 4 of 4 seeds (p = 0.063)');
  });

  it('counts seeds that diverged or failed as worse', async () => {
    const id = await writeSweep(dataSource, paired());
    await completeFirst(id, valueOf);
    const { trials } = (await claim())!;
    const ends = ['diverged', 'failed', 'diverged', 'diverged'] as const;
    const work = trials.map((trial, index) =>
      attemptWork(trial, { value: -1, end: { ...completed, trialState: ends[index]! } }),
    );
    await commitWork(dataSource, work, [], judge);
    await advance();
    expect(await states(id)).toEqual(['0: 10 completed', '1: 3 diverged, 1 failed, 6 pruned']);
    expect(await dataSource.query('select values from paired_tests')).toEqual([{ values: [NaN, NaN, NaN, NaN] }]);
    expect((await replaySweep(dataSource, threads, await find(id))).verdicts).toEqual({
      count: 1,
      different: 0,
      first: null,
    });
  });
});

describe('a paired test beside what else ends trials', () => {
  it('lets asha judge the first seeds while the others wait, and prunes all of them', async () => {
    const stopping = { rule: 'asha', minUpdates: 4, reductionFactor: 2, pThreshold: 0.1 };
    const id = await writeSweep(dataSource, paired({ stopping }));
    const [good, bad] = [(await claim(4))!, (await claim(4))!];
    const report = (trial: ClaimedTrial, value: number): AttemptWork =>
      attemptWork(trial, { value, updates: 4, curves: [{ name: metric, updates: [4], values: [value] }] });
    for (const trial of good.trials) await commitWork(dataSource, [report(trial, 1)], [], judge);
    for (const trial of bad.trials) await commitWork(dataSource, [report(trial, 2)], [], judge);
    expect(await states(id)).toEqual(['0: 6 pending, 4 running', '1: 10 pruned']);
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    expect(await finishedConfigurations(dataSource.manager, id, numbers)).toEqual([
      { configuration: 1, value: 2, share: 0.1, metrics: null },
    ]);
    // Later seeds are at rungs that their configuration has passed.
    await commitWork(
      dataSource,
      good.trials.map((trial) => ended(trial, 1)),
      [],
      judge,
    );
    await advance();
    const next = (await claim())!;
    for (const trial of next.trials)
      expect(await commitWork(dataSource, [report(trial, 9)], [], judge)).toMatchObject({ pruned: [] });
    expect(await states(id)).toEqual(['0: 4 completed, 2 pending, 4 running', '1: 10 pruned']);
  });

  it('leaves a cancelled and a failed sweep alone, and lets a retried seed start', async () => {
    const [cancelled, failed] = [await writeSweep(dataSource, paired()), await writeSweep(dataSource, paired())];
    await cancelSweep(dataSource, cancelled);
    await failSweep(dataSource.manager, failed, 'why');
    await advance();
    for (const id of [cancelled, failed]) expect(await states(id)).toEqual(['0: 10 cancelled', '1: 10 cancelled']);
    const [{ id }] = await dataSource.query(`select id from trials where sweep_id = $1 and number = 9`, [failed]);
    await retryTrial(dataSource, id);
    expect((await claim())!.trials.map(({ trialId }) => trialId)).toEqual([id]);
  });

  it('does not reach budget.target by a few seeds', async () => {
    const id = await writeSweep(dataSource, paired({ budget: { target: 100 } }));
    await train(() => 1);
    await endSatisfiedSweeps(dataSource.manager);
    expect((await find(id)).state).toBe('running');
    await trainAll(() => 1);
    await endSatisfiedSweeps(dataSource.manager);
    expect((await find(id)).message).toMatch('budget.target was reached: configuration 0');
  });
});

describe('the search of a sweep with a paired test', () => {
  it('proposes as many configurations as may train their first seeds at once', async () => {
    const spec = paired({ search: { algorithm: 'tpe', trials: 20, repeats: 10 } });
    const sweep = await emptySweep(dataSource, spec, 8);
    const searches = new Searches(threads);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(20);
    expect(await proposeTrials(dataSource.manager, searches)).toBe(0);
    let total = 20;
    for (let turn = 0; turn < 100; turn += 1) {
      await train((configuration, seed) => configuration + seed / 10);
      await advance();
      total += await proposeTrials(dataSource.manager, searches);
    }
    await completeSweeps(dataSource.manager);
    expect([total, (await find(sweep.id)).state]).toEqual([200, 'completed']);
    const replay = await replaySweep(dataSource, threads, sweep);
    expect(replay.proposals).toEqual({ count: 20, different: 0, first: null });
    expect(replay.verdicts).toMatchObject({ different: 0 });
    const [{ trained }] = await dataSource.query(
      `select count(*)::integer as trained from trials where state = 'completed'`,
    );
    // The first two are compared with nothing.
    expect(trained).toBeLessThan(2 * 10 + 18 * 4 + 1);
  });

  it('draws until as many trials can be claimed as without the test', async () => {
    await emptySweep(dataSource, paired({ search: { trials: 200, repeats: 10 } }), null);
    await proposeTrials(dataSource.manager, new Searches(threads));
    const [{ count }] = await dataSource.query(`select count(*)::integer as count from trials where not held`);
    expect(count).toBe(256);
  });
});
