/** SQL: the keys of the advisory lock of a sweep, which claims share. Those of its rungs begin at 0. */
export const sweepLock = (sweepId: string): string => `hashtext(${sweepId}), -1`;
