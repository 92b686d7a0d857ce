import { decimalCell } from './values';

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

/** Nanoseconds of a second and of a day. */
const [second, wholeDay] = [1_000_000_000n, 86_400_000_000_000n];
const written = /^(-?\d+) days?(?: [+]?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?$/;

/** A duration as a cell, as pandas writes it: 1 days 02:00:00.500000, or -1 days +23:59:59 for a second less than none. */
export function durationCell(nanoseconds: bigint): string {
  const within = ((nanoseconds % wholeDay) + wholeDay) % wholeDay;
  const days = (nanoseconds - within) / wholeDay;
  const two = (part: bigint): string => String(part).padStart(2, '0');
  const seconds = within / second;
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map(two).join(':');
  const fraction = String(within % second)
    .padStart(9, '0')
    .replace(/0{9}$|0{3}$/, '');
  return `${days} days ${days < 0n ? '+' : ''}${clock}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The seconds of such a cell, or one with fewer digits, as digits; undefined for another. */
export function secondsOf(cell: string): string | undefined {
  const [, days, hours = '0', minutes = '0', seconds = '0', fraction = ''] = written.exec(cell) ?? [];
  if (days === undefined) return undefined;
  const whole = BigInt(days) * 86_400n + BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
  const text = decimalCell(whole * second + BigInt(fraction.padEnd(9, '0')), 9);
  return text.replace(/\.?0+$/, '');
}
