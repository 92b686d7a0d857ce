import type { TrialCounts } from './rest';

/** Number of trials that have ended, in any state: not what is left of all of a sweep, of which most may not be proposed yet. */
export const endedTrials = ({ completed, pruned, diverged, failed, cancelled }: TrialCounts): number =>
  completed + pruned + diverged + failed + cancelled;
