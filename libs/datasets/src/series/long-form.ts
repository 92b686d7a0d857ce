import { DatasetError } from '../prepared/data';
import { countName } from '../columns/digit-times';
import { columnName, columnNamed } from '../columns/named';
import { isDatePart } from './calendar-parts';
import { numberIn, type Cells, type RowTimes } from './cells';
import type { CsvRow } from '../source/csv';

/** Rows by series, in the order in which these appear. */
export interface Keys {
  columns: number[];
  names: string[];
  groups: number[][];
}

/** The series of a file in long form. @throws DatasetError for a column that is not there, a row without a name, or one row for each */
export function seriesKeys(
  header: readonly string[],
  rows: readonly CsvRow[],
  wanted: string | readonly string[] | undefined,
): Keys {
  if (wanted === undefined) return { columns: [], names: [''], groups: [[...rows.keys()]] };
  const columns = [wanted].flat().map((name) => columnNamed(header, name, 'dataset.series'));
  // A country without regions is a series among those of regions.
  const nameless = rows.find(({ cells }) => columns.every((column) => cells[column] === ''));
  if (nameless)
    throw new DatasetError(
      `${nameless.place}: ${columns.map((column) => columnName(header, column)).join(' and ')} ${columns.length > 1 ? 'are' : 'is'} empty, ` +
        `but should name the series of the row: fill ${columns.length > 1 ? 'one' : 'it'} in, or leave the row out`,
    );
  const groups = grouped(rows, columns);
  if (groups.size > 1 && groups.size === rows.length)
    throw new DatasetError(
      `dataset.series: each value of ${[wanted].flat().join(' and ')} has one row; name the column whose values repeat`,
      'dataset.series',
    );
  const all = [...groups.values()];
  return { columns, names: all.map(([first]) => nameOf(rows[first!]!, columns)), groups: all };
}

const nameOf = ({ cells }: CsvRow, columns: readonly number[]): string =>
  columns.map((column) => cells[column]).join(' / ');

/** Rows by what these columns say. A name may hold what names are joined by. */
function grouped(rows: readonly CsvRow[], columns: readonly number[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  rows.forEach(({ cells }, row) => {
    const key = JSON.stringify(columns.map((column) => cells[column]));
    const members = groups.get(key);
    if (members) members.push(row);
    else groups.set(key, [row]);
  });
  return groups;
}

/** Rows with an equal time, as a fraction, above which they are taken for several series. */
const manyRepeats = 0.1;

/** @throws DatasetError for rows of several series, with the columns that may name them */
export function requireOneSeries(cells: Cells, times: RowTimes | undefined): void {
  if (!times) return requireOneCount(cells);
  const { rows } = cells;
  const first = new Map<number, number>();
  let repeated: [number, number] | undefined;
  times.values.forEach((time, row) => {
    const before = first.get(time);
    if (before === undefined) first.set(time, row);
    else repeated ??= [before, row];
  });
  if (!repeated || rows.length - first.size <= manyRepeats * rows.length) return;
  const [a, b] = repeated;
  const name = columnName(cells.header, times.columns[0]!);
  if (isFine(cells, times, [...first.keys()]))
    throw new DatasetError(`${rows[a]!.place} and ${rows[b]!.place} have the same ${name}, as ${readToMilliseconds}`);
  const keys = candidates(cells, times.columns, times.values);
  throw new DatasetError(
    `${rows[a]!.place} and ${rows[b]!.place} have the same ${name}, ${rows[a]!.cells[times.columns[0]!]}: ` +
      (keys === undefined
        ? 'if the file holds several series, set dataset.series to the columns that name them'
        : `set dataset.series to the column that names the series: ${keys}`),
    'dataset.series',
  );
}

/** Why times that are less than a millisecond apart are the same, and what to do. */
export const readToMilliseconds =
  'dates are read to the millisecond: give finer ones as a column of numbers, such as microseconds';

/** Whether dates are written, or follow each other, as those that a millisecond is too long for. `values`: the different ones. */
function isFine({ rows }: Cells, { kind, columns }: RowTimes, values: readonly number[]): boolean {
  if (kind !== 'dates') return false;
  const sorted = Float64Array.from(values).sort();
  return (
    sorted.some((time, at) => at > 0 && time - sorted[at - 1]! < 10) ||
    rows.every(({ cells }) => columns.some((column) => /:\d\d[.,]\d{4,}/.test(cells[column]!)))
  );
}

/** A column that counts the rows of each series anew, where no column has times. @throws DatasetError */
function requireOneCount(cells: Cells): void {
  const { header, rows } = cells;
  for (const [column, name] of header.entries()) {
    if (!countName.test(name) || name === '') continue;
    const values = rows.map((_, row) => numberIn(cells, column, row));
    const restarts = values.filter((value, row) => row > 0 && value < values[row - 1]!).length;
    if (values.some(Number.isNaN) || restarts === 0) continue;
    const keys = candidates(cells, [column], values, (order) =>
      order.every((row, at) => at === 0 || values[row]! > values[order[at - 1]!]!),
    );
    if (keys !== undefined)
      throw new DatasetError(
        `${name} starts again on ${rows[values.findIndex((value, row) => row > 0 && value < values[row - 1]!)]!.place}: ` +
          `set dataset.series to the column that names the series: ${keys}`,
        'dataset.series',
      );
  }
}

/** The columns, one or two together, under which each time comes once. */
function candidates(
  { header, rows }: Cells,
  used: readonly number[],
  times: ArrayLike<number>,
  fits: (order: readonly number[]) => boolean = () => true,
): string | undefined {
  const able = header.flatMap((name, column) => {
    // Under a month, each year comes once too: a part of the date names no series.
    if (used.includes(column) || isDatePart(name)) return [];
    const values = new Set(rows.map(({ cells }) => cells[column]!));
    // The name of a series repeats, and is no measurement.
    const isName =
      values.size > 1 && 2 * values.size <= rows.length && ![...values].some((value) => /^-?\d*[.,]\d+$/.test(value));
    return isName ? [column] : [];
  });
  const isKey = (columns: readonly number[]): boolean =>
    [...grouped(rows, columns).values()].every(
      (group) => new Set(group.map((row) => times[row]!)).size === group.length && fits(group),
    );
  const single = able.filter((column) => isKey([column])).map((column) => columnName(header, column));
  if (single.length > 0) return single.slice(0, 3).join(' or ');
  for (const a of able)
    for (const b of able) if (a < b && isKey([a, b])) return `[${columnName(header, a)}, ${columnName(header, b)}]`;
  return undefined;
}
