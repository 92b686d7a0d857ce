import { DatasetError } from '../prepared/data';
import { countName } from '../columns/digit-times';
import { columnName, columnNamed } from '../columns/named';
import { isNumeric } from '../columns/numbers';
import { isDatePart } from './calendar-parts';
import { numberIn, type Cells, type RowTimes } from './cells';
import type { CsvRow } from '../source/csv';

/** Names of columns that name series. */
export const keyName =
  /(^|[_ ])(id|key|name|series|store|shop|item|sku|product|sensor|station|meter|device|machine|customer|country|region|city|symbol|ticker)$/i;

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
  const isSure = hasFiner(cells, times);
  const mayBeFine = isSure || isFine(times.kind, [...first.keys()]);
  const keys = isSure ? undefined : candidates(cells, times.columns, { times: times.values, ofNames: mayBeFine });
  if (mayBeFine && keys === undefined)
    throw new DatasetError(
      `${rows[a]!.place} and ${rows[b]!.place} have the same ${name}, as ${readToMilliseconds}` +
        (isSure ? '' : '; or set dataset.series, if the file holds several series'),
    );
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

/** Whether a date is written with digits that are left out. */
export const hasFiner = ({ rows }: Pick<Cells, 'rows'>, { kind, columns }: RowTimes): boolean =>
  kind === 'dates' && rows.some(({ cells }) => columns.some((column) => /:\d\d[.,]\d{3}\d*[1-9]/.test(cells[column]!)));

/**
 * Whether dates may be finer than their file, or a table with types, says: some follow each other after one millisecond. So do the readings
 * of several sensors. `values`: the different ones.
 */
function isFine(kind: RowTimes['kind'], values: readonly number[]): boolean {
  const sorted = Float64Array.from(values).sort();
  return kind === 'dates' && sorted.some((time, at) => at > 0 && time - sorted[at - 1]! === 1);
}

/** A column that counts the rows of each series anew, where no column has times. @throws DatasetError */
function requireOneCount(cells: Cells): void {
  const { header, rows } = cells;
  for (const [column, name] of header.entries()) {
    if (!countName.test(name) || name === '') continue;
    const values = rows.map((_, row) => numberIn(cells, column, row));
    const restarts = values.filter((value, row) => row > 0 && value < values[row - 1]!).length;
    if (values.some(Number.isNaN) || restarts === 0) continue;
    const fits = (order: readonly number[]): boolean =>
      order.every((row, at) => at === 0 || values[row]! > values[order[at - 1]!]!);
    const keys = candidates(cells, [column], { times: values, fits });
    if (keys !== undefined)
      throw new DatasetError(
        `${name} starts again on ${rows[values.findIndex((value, row) => row > 0 && value < values[row - 1]!)]!.place}: ` +
          `set dataset.series to the column that names the series: ${keys}`,
        'dataset.series',
      );
  }
}

interface Sought {
  times: ArrayLike<number>;
  /** Whether the rows of a series, in the order of the file, may be those of one. */
  fits?: (order: readonly number[]) => boolean;
  /** Whether numbers only name series where their column is named for it. */
  ofNames?: boolean;
}

/** The columns, one or two together, under which each time comes once. */
function candidates(
  { header, rows, known }: Cells,
  used: readonly number[],
  { times, fits = () => true, ofNames = false }: Sought,
): string | undefined {
  const able = header.flatMap((name, column) => {
    // Under a month, each year comes once too: a part of the date names no series.
    if (used.includes(column) || isDatePart(name)) return [];
    if (ofNames && !keyName.test(name) && (known[column] || rows.some(({ cells }) => isNumeric(cells[column]!))))
      return [];
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
