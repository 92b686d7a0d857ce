import type { AttemptState, SweepState, TrialState } from '@unroll/contracts';
import {
  cancelSweep,
  completeSweeps,
  lostIds,
  pauseSweep,
  resumeSweep,
  retryTrial,
  transitions,
  type TransitionName,
} from '@unroll/database';
import fc from 'fast-check';
import { useDatabase } from '../support/database';
import { Actors, type MadeAttempt } from '../support/lifecycle';
import { smallSweep, writeSweep } from '../support/sweeps';

const mostCrashes = 3;
const trialsOfSweep = 4;

const dataSource = useDatabase();
const actors = new Actors(dataSource);

interface ModelAttempt extends MadeAttempt {
  state: AttemptState;
  lanes: number;
}

/** What a sweep is to look like, by rules that know nothing of SQL. */
class Model {
  sweep: SweepState = 'running';
  readonly states = new Map<string, TrialState>();
  readonly attempts: ModelAttempt[] = [];
  /** Crashes alone in a trainer since the last retry. */
  private readonly crashes = new Map<string, number>();
  /** Updates that its rows have, and whether it has a result. */
  readonly updates = new Map<string, number>();

  constructor(trialIds: readonly string[]) {
    for (const id of trialIds) this.states.set(id, 'pending');
  }

  get isOpen(): boolean {
    return this.sweep === 'running' || this.sweep === 'paused';
  }

  mayMove(name: TransitionName, trialId: string): boolean {
    return this.states.get(trialId)! in transitions[name].trial;
  }

  claimed(attempt: MadeAttempt, lanes: number): void {
    this.states.set(attempt.trialId, 'running');
    this.updates.set(attempt.trialId, 0);
    this.attempts.push({ ...attempt, state: 'running', lanes });
  }

  ended(attempt: ModelAttempt, to: AttemptState, trial: TrialState): void {
    attempt.state = to;
    this.states.set(attempt.trialId, trial);
  }

  gaveUp(attempt: ModelAttempt, to: AttemptState): void {
    const crashes = (this.crashes.get(attempt.trialId) ?? 0) + (to === 'failed' && attempt.lanes === 1 ? 1 : 0);
    this.crashes.set(attempt.trialId, crashes);
    const state = crashes >= mostCrashes ? 'failed' : this.isOpen ? 'pending' : 'cancelled';
    this.ended(attempt, to, state);
    // No trial has a checkpoint here: one that waits starts over.
    if (state === 'pending') this.updates.set(attempt.trialId, 0);
  }

  cancelled(): void {
    if (!this.isOpen) return;
    this.sweep = 'cancelled';
    for (const attempt of this.attempts) if (attempt.state === 'running') this.ended(attempt, 'cancelled', 'cancelled');
    for (const [id, state] of this.states) if (state === 'pending') this.states.set(id, 'cancelled');
  }

  completed(): void {
    const states = [...this.states.values()];
    if (!this.isOpen || states.some((state) => state === 'pending' || state === 'running')) return;
    this.sweep = states.every((state) => state === 'failed') ? 'failed' : 'completed';
  }

  retried(trialId: string): void {
    if (this.sweep === 'cancelled' || !this.mayMove('retry', trialId)) return;
    this.states.set(trialId, 'pending');
    this.updates.set(trialId, 0);
    this.crashes.delete(trialId);
    if (this.sweep === 'completed' || this.sweep === 'failed') this.sweep = 'running';
  }
}

interface Walk {
  sweepId: string;
  model: Model;
}

type Operation =
  | { name: 'claim'; lanes: number }
  | { name: 'retry'; which: number }
  | { name: 'report' | 'release' | 'crash' | 'reap' | 'prune'; which: number; as?: undefined }
  | { name: 'finish'; which: number; as: 'completed' | 'diverged' | 'failed' }
  | { name: 'cancel' | 'pause' | 'resume' | 'complete' };

const which = fc.nat({ max: 11 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: fc.constant('claim' as const), lanes: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      name: fc.constantFrom('report' as const, 'release' as const, 'crash' as const, 'reap' as const, 'prune' as const),
      which,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constant('finish' as const),
      which,
      as: fc.constantFrom('completed' as const, 'diverged' as const, 'failed' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ name: fc.constant('retry' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ name: fc.constantFrom('pause' as const, 'resume' as const, 'complete' as const) }),
  },
  { weight: 1, arbitrary: fc.constant({ name: 'cancel' as const }) },
);

/** Claims, and checks what was claimed: pending trials of a running sweep, at least one where there is one. */
async function claim({ sweepId, model }: Walk, lanes: number): Promise<void> {
  const claimed = (await actors.claim(sweepId, lanes))?.trials ?? [];
  for (const { trialId } of claimed) expect(model.mayMove('claim', trialId)).toBe(true);
  expect(claimed.length).toBeLessThanOrEqual(lanes);
  const isWaiting = model.sweep === 'running' && [...model.states.values()].includes('pending');
  expect(claimed.length > 0).toBe(isWaiting);
  for (const attempt of claimed) model.claimed(attempt, claimed.length);
}

/** Something that an attempt's worker, the reaper or a rule does. Nothing of an attempt that has ended may leave a trace. */
async function onAttempt(
  { model }: Walk,
  operation: Exclude<Extract<Operation, { which: number }>, { name: 'retry' }>,
  attempt: ModelAttempt,
): Promise<void> {
  const isLive = attempt.state === 'running';
  const before = isLive ? undefined : await actors.row(attempt.trialId);
  const update = (model.updates.get(attempt.trialId) ?? 0) + 1;
  if (operation.name === 'report' || operation.name === 'finish') {
    const lost =
      operation.as === undefined
        ? await actors.report(attempt, update)
        : await actors.finish(attempt, update, operation.as);
    expect(lostIds(lost)).toEqual(isLive ? [] : [attempt.attemptId]);
    if (!isLive) {
      const [{ state }] = await dataSource.query('select state from trials where id = $1', [attempt.trialId]);
      const reason =
        attempt.state === 'cancelled'
          ? 'cancelled'
          : attempt.state === 'succeeded' && state === 'pruned'
            ? 'pruned'
            : 'refused';
      expect(lost[reason]).toEqual([attempt.attemptId]);
    } else model.updates.set(attempt.trialId, update);
    if (isLive && operation.as !== undefined)
      model.ended(attempt, operation.as === 'failed' ? 'failed' : 'succeeded', operation.as);
  }
  if (operation.name === 'release') await actors.giveUp(attempt, 'released');
  if (operation.name === 'crash') await actors.giveUp(attempt, 'failed');
  if (operation.name === 'reap') expect(await actors.reap(attempt)).toBe(isLive ? 1 : 0);
  if (operation.name === 'prune') await actors.prune(attempt);
  if (before) return expect(await actors.row(attempt.trialId)).toEqual(before);
  if (operation.name === 'release') model.gaveUp(attempt, 'released');
  if (operation.name === 'crash') model.gaveUp(attempt, 'failed');
  if (operation.name === 'reap') model.gaveUp(attempt, 'lost');
  if (operation.name === 'prune') model.ended(attempt, 'succeeded', 'pruned');
}

async function onSweep({ sweepId, model }: Walk, name: 'cancel' | 'pause' | 'resume' | 'complete'): Promise<void> {
  if (name === 'cancel') {
    await cancelSweep(dataSource, sweepId);
    model.cancelled();
  }
  if (name === 'pause') {
    await pauseSweep(dataSource, sweepId);
    if (model.sweep === 'running') model.sweep = 'paused';
  }
  if (name === 'resume') {
    await resumeSweep(dataSource, sweepId);
    if (model.sweep === 'paused') model.sweep = 'running';
  }
  if (name === 'complete') {
    await completeSweeps(dataSource.manager);
    model.completed();
  }
}

async function apply(walk: Walk, operation: Operation): Promise<void> {
  const { model } = walk;
  if (operation.name === 'claim') return claim(walk, operation.lanes);
  if (!('which' in operation)) return onSweep(walk, operation.name);
  if (operation.name === 'retry') {
    const ids = [...model.states.keys()];
    const trialId = ids[operation.which % ids.length]!;
    await retryTrial(dataSource, trialId);
    return model.retried(trialId);
  }
  const attempt = model.attempts[operation.which % Math.max(1, model.attempts.length)];
  if (attempt) await onAttempt(walk, operation, attempt);
}

const ended: readonly TrialState[] = ['completed', 'pruned', 'diverged', 'failed', 'cancelled'];

async function check({ sweepId, model }: Walk): Promise<void> {
  const trials = await actors.trials(sweepId);
  expect(trials.map(({ id, state }) => [id, state])).toEqual([...model.states]);
  const [sweep] = await dataSource.query('select state from sweeps where id = $1', [sweepId]);
  expect(sweep.state).toBe(model.sweep);
  for (const { id, state, attempts } of trials) {
    const expected = model.attempts.filter(({ trialId }) => trialId === id);
    expect(attempts).toEqual(expected.map((attempt) => ({ id: attempt.attemptId, state: attempt.state })));
    // At most one attempt runs, and one does exactly while its trial runs.
    expect(attempts.filter((attempt) => attempt.state === 'running')).toHaveLength(state === 'running' ? 1 : 0);
  }
  await checkResults(sweepId, model);
}

/** Results are whole: what has ended says when and in how long, and a curve goes as far as the row says, without gaps or doubles. */
async function checkResults(sweepId: string, model: Model): Promise<void> {
  const rows = await dataSource.query(
    `select id, state, value, updates, seconds, finished_at is not null as "isFinished",
            array(select point from metric_chunks, unnest(metric_chunks.updates) as point where trial_id = trials.id order by point) as points
     from trials where sweep_id = $1`,
    [sweepId],
  );
  for (const { id, state, value, updates, seconds, isFinished, points } of rows) {
    expect(isFinished).toBe(ended.includes(state));
    if (state === 'completed' || state === 'diverged') expect([value, seconds]).toEqual([updates, 1]);
    if (state === 'pruned') expect(seconds).not.toBeNull();
    const reported = model.updates.get(id) ?? 0;
    expect(updates).toBe(reported);
    expect(points).toEqual(Array.from({ length: reported }, (_, index) => index + 1));
  }
}

describe('trials on random walks of operations', () => {
  it('have the states of the model after every step, and nothing of an ended attempt is ever written', async () => {
    const walks = fc.array(operation, { minLength: 8, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(walks, async (operations) => {
        await dataSource.query('delete from sweeps');
        const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: trialsOfSweep } }));
        const model = new Model((await actors.trials(sweepId)).map(({ id }) => id));
        for (const each of operations) {
          await apply({ sweepId, model }, each);
          await check({ sweepId, model });
        }
      }),
      { numRuns: Number(process.env.UNROLL_WALKS ?? 25) },
    );
  });
});
