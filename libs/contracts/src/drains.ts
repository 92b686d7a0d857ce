/** How a worker is asked to leave: once what it trains has ended, or at once, so that others continue it. */
export const drains = ['finish', 'release'] as const;
export type Drain = (typeof drains)[number];
