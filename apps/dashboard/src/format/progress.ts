import type { SweepView, TrialCounts } from '@unroll/contracts';

/** Number of trials that have ended, in any state. */
export function endedTrials(trials: TrialCounts): number {
  return trials.completed + trials.pruned + trials.diverged + trials.failed + trials.cancelled;
}

/** Ended trials needed for an estimate. */
const enough = 2;

/** Estimated seconds left for a running sweep at the rate its trials have ended so far; null if unknown. */
export function secondsLeft(
  sweep: Pick<SweepView, 'state' | 'trials' | 'total' | 'ranSeconds' | 'runningSince'>,
  now: number,
): number | null {
  const ended = endedTrials(sweep.trials);
  if (sweep.state !== 'running' || sweep.runningSince === null || ended < enough) return null;
  const ran = sweep.ranSeconds + (now - Date.parse(sweep.runningSince)) / 1000;
  return ran > 0 ? (ran / ended) * (sweep.total - ended) : null;
}
