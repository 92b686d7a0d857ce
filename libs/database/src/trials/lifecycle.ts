import type { AttemptState, TrialState } from '@unroll/contracts';

type Moves<State extends string> = Readonly<Partial<Record<State, readonly State[]>>>;

/** One thing that may happen to a trial and to the attempt that runs it. */
interface Transition {
  by: 'scheduler' | 'worker' | 'stopping rule' | 'user';
  /** The states that it moves a trial from, each with those that it may move it to. Trials in other states are left alone. */
  trial: Moves<TrialState>;
  /** What becomes of the trial's running attempt; undefined where there is none. */
  attempt?: AttemptState | readonly AttemptState[];
}

/**
 * The life of a trial. Every state of a trial or an attempt is written by the file of this folder's transitions/ that is named here, and
 * by no other; the database refuses a move that is not in this table (schema/state-machines.ts).
 *
 * A trial is inserted as `pending` (propose). An attempt is inserted as `running` by claim and join (begin-attempts), and its end is final.
 */
export const transitions = {
  /** claim.ts, join.ts: a worker takes pending trials, in a group of their own or into the free lanes of one. */
  claim: { by: 'worker', trial: { pending: ['running'] }, attempt: 'running' },
  join: { by: 'worker', trial: { pending: ['running'] }, attempt: 'running' },
  /** ask.ts: whoever runs the trials of a study takes one. */
  ask: { by: 'user', trial: { pending: ['running'] }, attempt: 'running' },
  /** reuse.ts: an earlier sweep has trained the same, and the trial takes its result in the transaction that inserts it. */
  reuse: { by: 'user', trial: { pending: ['completed'] } },
  /** finish.ts: the trainer has ended it. A report in between moves nothing. */
  finish: { by: 'worker', trial: { running: ['completed', 'diverged', 'failed'] }, attempt: ['succeeded', 'failed'] },
  /** give-up.ts: the attempt ended without a result. Too many crashes or losses fail the trial; a closed sweep cancels it. */
  release: { by: 'worker', trial: { running: ['pending', 'cancelled'] }, attempt: 'released' },
  crash: { by: 'worker', trial: { running: ['pending', 'failed', 'cancelled'] }, attempt: 'failed' },
  reap: { by: 'scheduler', trial: { running: ['pending', 'failed', 'cancelled'] }, attempt: 'lost' },
  /** turn.ts: the trial reached a rung of its population, and continues from what the row says. */
  turn: { by: 'stopping rule', trial: { running: ['pending', 'cancelled'] }, attempt: 'released' },
  /** freeze.ts: the trial reached a rung of a rule that resumes, and stops there; later its configuration may resume. */
  freeze: { by: 'stopping rule', trial: { running: ['pruned', 'cancelled'] }, attempt: 'succeeded' },
  thaw: { by: 'stopping rule', trial: { pruned: ['pending'] } },
  /** prune.ts: a rule stopped the configuration, with the seeds that have not started; or a paired test, those that wait for it. */
  prune: { by: 'stopping rule', trial: { pending: ['pruned'], running: ['pruned'] }, attempt: 'succeeded' },
  /** cancel.ts: the sweep was cancelled or its budget is used up. When a sweep fails, or its
   * space is edited, only what has not started is withdrawn. What a rule had stopped and let go on is stopped again. */
  cancel: {
    by: 'user',
    trial: { pending: ['cancelled', 'pruned'], running: ['cancelled', 'pruned'] },
    attempt: 'cancelled',
  },
  withdraw: { by: 'scheduler', trial: { pending: ['cancelled', 'pruned'] } },
  /** retry.ts */
  retry: { by: 'user', trial: { failed: ['pending'], cancelled: ['pending'] } },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof transitions;

/** The end of an attempt is final. */
export const attemptMoves: Moves<AttemptState> = { running: ['succeeded', 'failed', 'lost', 'released', 'cancelled'] };

/** All moves that some transition makes. */
export const trialMoves: Moves<TrialState> = Object.values<Transition>(transitions).reduce<
  Partial<Record<TrialState, TrialState[]>>
>((moves, { trial }) => {
  for (const [from, to] of Object.entries(trial) as [TrialState, readonly TrialState[]][])
    moves[from] = [...new Set([...(moves[from] ?? []), ...to])];
  return moves;
}, {});

/** SQL: the state is one that the transition moves a trial from. One state is compared by `=`, so that partial indexes serve. */
export function movedBy(name: TransitionName): string {
  const states = Object.keys(transitions[name].trial).map((state) => `'${state}'`);
  return states.length === 1 ? `state = ${states[0]}` : `state in (${states.join(', ')})`;
}
