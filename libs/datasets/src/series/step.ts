import { DateTime } from 'luxon';
import type { Step } from '../prepared/rows';

const day = 86_400_000;
const units = [
  ['week', 7 * day],
  ['day', day],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

const several = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

function fixedLabel(size: number, kind: 'dates' | 'numbers'): string {
  if (kind === 'numbers') return String(size);
  const [name, length] = units.find(([, each]) => size % each === 0 && size >= each) ?? ['millisecond', 1];
  return several(size / length, name);
}

const monthOf = (time: number): number => new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth();
const weekdayOf = (time: number): number => new Date(time).getUTCDay();
const dayOf = (time: number): number => new Date(time).getUTCDate();
const isMonthEnd = (time: number): boolean => dayOf(time + day) === 1;

/** The most frequent of the differences; undefined if fewer than half are like it. */
function usual(differences: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const each of differences) counts.set(each, (counts.get(each) ?? 0) + 1);
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return best && 2 * best[1] >= differences.length ? best[0] : undefined;
}

const differencesIn = (series: readonly Float64Array[], of: (time: number) => number): number[] =>
  series.flatMap((times) =>
    Array.from(times.subarray(1), (time, at) => of(time) - of(times[at]!)).filter((each) => each > 0),
  );

/** The usual difference of numbers that count, which may be rounded as in 1949.083, 1949.167: most are within a fiftieth of it. */
function usualNumber(differences: readonly number[]): number | undefined {
  const exact = usual(differences);
  if (exact !== undefined && Number.isInteger(exact)) return exact;
  const median = differences.toSorted((a, b) => a - b)[differences.length >> 1];
  if (median === undefined) return undefined;
  const alike = differences.filter((each) => Math.abs(each - median) < median / 50);
  if (2 * alike.length < differences.length) return undefined;
  return Number((alike.reduce((sum, each) => sum + each, 0) / alike.length).toPrecision(6));
}

/** The usual step of several series of ascending times; undefined if they have none. */
export function usualStep(series: readonly Float64Array[], kind: 'dates' | 'numbers'): Step | undefined {
  const differences = differencesIn(series, (time) => time);
  const size = kind === 'numbers' ? usualNumber(differences) : usual(differences);
  const fixed = size === undefined ? undefined : ({ unit: 'fixed', size, label: fixedLabel(size, kind) } as const);
  if (kind === 'numbers') return fixed;
  const every = (is: (time: number) => boolean): boolean => series.every((times) => times.every(is));
  const first = series[0]?.[0] ?? 0;
  if (
    every(isMonthEnd) ||
    (every((time) => dayOf(time) === dayOf(first)) && every((time) => time % day === first % day))
  ) {
    const months = usual(differencesIn(series, monthOf));
    if (months !== undefined && months > 0)
      return {
        unit: 'month',
        size: months,
        label: months % 12 === 0 ? several(months / 12, 'year') : several(months, 'month'),
      };
  }
  const rows = series.reduce((sum, { length }) => sum + length, 0);
  const isWeekday = every((time) => weekdayOf(time) % 6 !== 0);
  if (size === day && isWeekday && rows > 7) return { unit: 'business day', size: 1, label: '1 business day' };
  return fixed;
}

/** The number of times missing between two that follow each other. */
export function missingBetween(before: number, after: number, { unit, size }: Step): number {
  if (unit === 'month') return Math.max(0, Math.round((monthOf(after) - monthOf(before)) / size) - 1);
  if (unit === 'fixed') return Math.max(0, Math.ceil((after - before) / size - 0.05) - 1);
  const days = Math.round((after - before) / day);
  const weeks = Math.floor(days / 7);
  let count = weeks * 5;
  for (let each = weeks * 7 + 1; each <= days; each++) if (weekdayOf(before + each * day) % 6 !== 0) count++;
  return Math.max(0, count - 1);
}

/** The time `count` steps after another. */
export function stepsAfter(time: number, count: number, { unit, size }: Step): number {
  if (unit === 'fixed') return time + count * size;
  if (unit === 'month') {
    const later = DateTime.fromMillis(time, { zone: 'utc' }).plus({ months: count * size });
    return (
      isMonthEnd(time)
        ? later
            .endOf('month')
            .startOf('day')
            .plus(time % day)
        : later
    ).toMillis();
  }
  let at = time;
  for (let left = count; left > 0; left -= Number(weekdayOf(at) % 6 !== 0)) at += day;
  return at;
}
