/** States of a sweep, a trial and an attempt. */
export const sweepStates = ['running', 'paused', 'completed', 'cancelled', 'failed'] as const;
export type SweepState = (typeof sweepStates)[number];

export const trialStates = ['pending', 'running', 'completed', 'pruned', 'diverged', 'failed', 'cancelled'] as const;
export type TrialState = (typeof trialStates)[number];

export const attemptStates = ['running', 'succeeded', 'failed', 'lost', 'released', 'cancelled'] as const;
export type AttemptState = (typeof attemptStates)[number];

/** What the list of sweeps can be sorted by. */
export const sweepSorts = ['created', 'name', 'owner', 'finished'] as const;
export type SweepSort = (typeof sweepSorts)[number];
