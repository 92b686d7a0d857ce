import { DateTime } from 'luxon';
import { recogniseDates } from '../columns/dates';
import { columnName } from '../columns/named';
import type { Cells, RowTimes } from './cells';

/** Names of columns with parts of dates, for which a plural counts as well. */
const names = {
  year: /^(year|yr|yyyy|jahr|a[ñn]o|ann[ée]e|anno)s?$/i,
  quarter: /^(quarter|qtr|q|quartal)s?$/i,
  month: /^(month|mon|mo|monat|mes|mois)s?$/i,
  week: /^(week|iso_?week|weekofyear|wk|woche|kw|semana|semaine)s?$/i,
  day: /^(day|day_?of_?month|dom|dy|dd|tag|d[ií]a|jour)s?$/i,
  dayOfYear: /^(doy|day_?of_?year|yday|yearday)$/i,
  hour: /^(hour|hr|stunde|hora|heure)s?$/i,
  minute: /^(minute|min)s?$/i,
} as const;

type Part = keyof typeof names;

/** Whether a column is named for a part of a date, of which each value comes again: it names no series. */
export const isDatePart = (name: string): boolean => Object.values(names).some((pattern) => pattern.test(name));

/**
 * Times whose year and other parts are in columns of their own: year and month, quarter, week or day of the year, the months perhaps by
 * name; month and day, perhaps hour and minute.
 */
export function calendarParts(cells: Cells): RowTimes | undefined {
  const at = (part: Part): number =>
    cells.header.findIndex((name, column) => names[part].test(name) && !cells.notTimes.includes(column));
  const [year, month, day] = [at('year'), at('month'), at('day')];
  if (year < 0) return undefined;
  const within =
    month < 0
      ? [['quarter'], ['week'], ['dayOfYear'], ['day']].find(([part]) => at(part as Part) >= 0)
      : day < 0
        ? ['month']
        : ['month', 'day', ...(at('hour') < 0 ? [] : ['hour', ...(at('minute') < 0 ? [] : ['minute'])])];
  if (!within) return undefined;
  const parts = ['year', ...within] as Part[];
  const columns = parts.map(at);
  const values = timesOf(cells, parts, columns);
  if (!values || values.some(Number.isNaN)) return undefined;
  const description = columns.map((column) => columnName(cells.header, column)).join(', ');
  return { columns, kind: 'dates', values, hasOffset: false, description };
}

function timesOf({ rows }: Cells, parts: readonly Part[], columns: readonly number[]): Float64Array | undefined {
  const texts = columns.map((column) => rows.map(({ cells }) => cells[column]!));
  const named = parts.indexOf('month');
  const months = named < 0 ? undefined : monthsOf(texts[named]!);
  const numbers = texts.map((cells, index) =>
    index === named && months ? months : cells.map((cell) => wholeOf(cell, parts[index]!)),
  );
  const hour = numbers[parts.indexOf('hour')];
  // 0 to 2330, as clocks without a colon show it.
  const isClock = hour?.some((each) => each > 24) ?? false;
  return Float64Array.from(rows, (_, row) => {
    const valueOf = (part: Part): number | undefined => numbers[parts.indexOf(part)]?.[row];
    const clock = valueOf('hour') ?? 0;
    const [h, min] = isClock ? [Math.floor(clock / 100), clock % 100] : [clock, valueOf('minute') ?? 0];
    const day = startOf(valueOf);
    return h <= 24 && min < 60 ? day + h * 3_600_000 + min * 60_000 : NaN;
  });
}

const wholeOf = (cell: string, part: Part): number => {
  const plain = part === 'quarter' || part === 'week' ? cell.replace(/^(q|w|kw)\s?/i, '') : cell;
  return /^\d+(\.0+)?$/.test(plain) ? Number(plain) : NaN;
};

/** The numbers of months that are written as names; undefined for others. */
function monthsOf(cells: readonly string[]): number[] | undefined {
  if (!cells.every((cell) => /^\p{L}{3,}\.?$/u.test(cell))) return undefined;
  const found = recogniseDates(cells.map((cell) => `1 ${cell} 2000`));
  if (!found || !('read' in found)) return undefined;
  return cells.map((cell) => new Date(found.read(`1 ${cell} 2000`).wall).getUTCMonth() + 1);
}

/** The beginning of a day, month, quarter or ISO week; NaN for one that is none. */
function startOf(valueOf: (part: Part) => number | undefined): number {
  const [year, month, quarter, week] = (['year', 'month', 'quarter', 'week'] as const).map(valueOf);
  const day = valueOf('dayOfYear') ?? valueOf('day');
  if (year === undefined || Number.isNaN(year) || year <= 1000) return NaN;
  const part =
    month !== undefined
      ? { year, month, day: day ?? 1 }
      : quarter !== undefined
        ? { year, month: 3 * quarter - 2, day: 1 }
        : week !== undefined
          ? { weekYear: year, weekNumber: week }
          : { year, ordinal: day ?? NaN };
  if (Object.values(part).some(Number.isNaN)) return NaN;
  const time = DateTime.fromObject(part, { zone: 'utc' });
  return time.isValid ? time.toMillis() : NaN;
}
