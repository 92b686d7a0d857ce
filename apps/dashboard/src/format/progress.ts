import type { SweepView, TrialCounts } from '@unroll/contracts';

/** Trials that have ended, however they did. */
export function endedTrials(trials: TrialCounts): number {
  return trials.completed + trials.pruned + trials.diverged + trials.failed + trials.cancelled;
}

/** Ended trials that an estimate needs. */
const enough = 2;

/** Seconds that a running sweep still takes, where its trials go on ending as they did while it ran; null where nobody can say. */
export function secondsLeft(
  sweep: Pick<SweepView, 'state' | 'trials' | 'total' | 'ranSeconds' | 'runningSince'>,
  now: number,
): number | null {
  const ended = endedTrials(sweep.trials);
  if (sweep.state !== 'running' || sweep.runningSince === null || ended < enough) return null;
  const ran = sweep.ranSeconds + (now - Date.parse(sweep.runningSince)) / 1000;
  return ran > 0 ? (ran / ended) * (sweep.total - ended) : null;
}
