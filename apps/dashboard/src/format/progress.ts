import type { SweepView, TrialCounts } from '@unroll/contracts';

/** Trials that have ended, however they did. */
export function endedTrials(trials: TrialCounts): number {
  return trials.completed + trials.pruned + trials.diverged + trials.failed + trials.cancelled;
}

/** Ended trials that an estimate needs. */
const enough = 2;

/**
 * Seconds that a running sweep still takes, where its trials go on ending as they did; null where nobody can say. A pause
 * makes it longer than it is.
 */
export function secondsLeft(
  sweep: Pick<SweepView, 'state' | 'trials' | 'total' | 'createdAt'>,
  now: number,
): number | null {
  const ended = endedTrials(sweep.trials);
  if (sweep.state !== 'running' || ended < enough) return null;
  const elapsed = (now - Date.parse(sweep.createdAt)) / 1000;
  return elapsed > 0 ? (elapsed / ended) * (sweep.total - ended) : null;
}
