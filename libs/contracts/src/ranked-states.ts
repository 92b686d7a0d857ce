/** Trial states that a leaderboard ranks. */
export const rankedStates = ['completed', 'pruned', 'cancelled', 'running'] as const;
