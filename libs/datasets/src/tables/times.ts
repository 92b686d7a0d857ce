/** Milliseconds of a day. */
const day = 86_400_000;

/**
 * A time as a cell: ISO 8601, with Z if it is an instant rather than what a clock on the wall shows. What is finer than a
 * millisecond is left out. @throws RangeError for a year that is no date
 */
export function timeCell(milliseconds: number, isInstant: boolean): string {
  const iso = new Date(Math.floor(milliseconds)).toISOString();
  return isInstant ? iso : iso.slice(0, -1);
}

/** A date as a cell. */
export const dateCell = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** A time of day as a cell: 18:30:00.250. */
export const clockCell = (milliseconds: number): string =>
  new Date(((Math.floor(milliseconds) % day) + day) % day).toISOString().slice(11, -1);

/** Units within a millisecond. */
const perMillisecond = { MILLIS: 1n, MICROS: 1_000n, NANOS: 1_000_000n } as const;
export type TimeUnit = keyof typeof perMillisecond;

/** Whole milliseconds of a count of units, rounded towards the past. */
export function toMilliseconds(count: bigint | number, unit: TimeUnit): number {
  const [value, per] = [BigInt(count), perMillisecond[unit]];
  const rest = value % per;
  return Number((value - (rest < 0n ? rest + per : rest)) / per);
}
