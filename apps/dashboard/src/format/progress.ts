import { endedTrials, type SweepView } from '@unroll/contracts';

/** Ended trials needed for an estimate. */
const enough = 2;

/** What is left as of a moment: it holds until another trial has ended. */
export interface Estimate {
  ended: number;
  /** Milliseconds since 1970. */
  at: number;
  seconds: number;
}

/**
 * The estimate at `now`, given the one before. While no trial ends, the rate at which they have ended seems to fall, and what is left to
 * rise: so the estimate of the last end holds, and is counted down from.
 */
export function estimateLeft(
  before: Estimate | null,
  sweep: Parameters<typeof secondsLeft>[0],
  now: number,
): Estimate | null {
  const ended = endedTrials(sweep.trials);
  if (before?.ended === ended && sweep.state === 'running') return before;
  const seconds = secondsLeft(sweep, now);
  return seconds === null ? null : { ended, at: now, seconds };
}

/** Seconds that are left of an estimate at `now`; 0 once it is over. */
export const leftOf = ({ at, seconds }: Estimate, now: number): number => Math.max(0, seconds - (now - at) / 1000);

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
