/** How urgent a sweep is among its owner's sweeps, from the least. */
export const priorities = ['low', 'normal', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** The parts in which an owner's sweeps share what the owner gets: each priority counts four times the one below. */
export const priorityWeights: Readonly<Record<Priority, number>> = { low: 0.25, normal: 1, high: 4 };
