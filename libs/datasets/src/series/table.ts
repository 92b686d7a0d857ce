import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { parseCsv, type CsvRow } from '../source/csv';
import { decodeText } from '../source/decode';

/** The rows of one series, from `begin` to `end`, exclusive. */
export interface SeriesPart {
  /** An empty string where a file has one series. */
  key: string;
  begin: number;
  end: number;
}

/** The numeric columns of one or several series, each in order of time. */
export interface SeriesTable {
  names: string[];
  /** One array per column. */
  columns: Float64Array[];
  rows: number;
  /** At least one, in the order of rows. */
  parts: readonly SeriesPart[];
}

/**
 * Reads the numeric columns of a table, which may have missing values; other columns, such as dates, are ignored.
 * @throws DatasetError for no numeric column, a non-number in one, dates out of order, a missing value without a policy, or one that
 * no policy can fill
 */
export function readSeries(bytes: Uint8Array, { missing }: Pick<DatasetSpec, 'missing'>): SeriesTable {
  const { header, rows } = parseCsv(decodeText(bytes));
  if (rows.length === 0) throw new DatasetError('the series has only a header: give one row per time step');
  header.forEach((name, index) => requireOrder(name, rows, index));
  const numeric = header.flatMap((name, index) => (isNumeric(name, rows, index) ? [{ name, index }] : []));
  if (numeric.length === 0) throw new DatasetError('the series has no numeric column');
  const lines = rows.map(({ line }) => line);
  let columns = numeric.map(({ index }): Float64Array =>
    Float64Array.from(rows, ({ cells }) => (isMissing(cells[index]!) ? NaN : Number(cells[index]))),
  );
  if (missing === 'error') requireComplete(columns, numeric, lines);
  if (missing === 'drop') {
    const kept = lines.flatMap((_, row) => (columns.every((column) => !Number.isNaN(column[row])) ? [row] : []));
    columns = columns.map((column) => Float64Array.from(kept, (row) => column[row]!));
  } else if (missing !== 'error') columns = columns.map((column) => filled(column, missing));
  const length = columns[0]!.length;
  const parts = [{ key: '', begin: 0, end: length }];
  return { names: numeric.map(({ name }) => name), columns, rows: length, parts };
}

const isMissing = (cell: string): boolean => /^(|na|n\/a|nan|null|none|-|\?)$/i.test(cell);
const isNumber = (cell: string): boolean => Number.isFinite(Number(cell));

/** @throws DatasetError for a mostly numeric column with values that are neither numbers nor missing */
function isNumeric(name: string, rows: readonly CsvRow[], index: number): boolean {
  const there = rows.filter(({ cells }) => !isMissing(cells[index]!));
  const odd = there.filter(({ cells }) => !isNumber(cells[index]!));
  if (2 * odd.length >= there.length) return false;
  const [first] = odd;
  if (first)
    throw new DatasetError(
      `line ${first.line}: ${name} is ${JSON.stringify(first.cells[index])}, but other rows have numbers; correct it, or leave it empty`,
    );
  return true;
}

const isDate = (cell: string): boolean => /^\d{4}-\d{2}(-\d{2}([T ][\d:.]+)?)?$/.test(cell);

/** Requires ascending dates: a series is split by time, so newest-first rows would leak the future. @throws DatasetError */
function requireOrder(name: string, rows: readonly CsvRow[], index: number): void {
  if (!rows.every(({ cells }) => isDate(cells[index]!))) return;
  const wrong = rows.findIndex(({ cells }, row) => row > 0 && cells[index]! < rows[row - 1]!.cells[index]!);
  if (wrong >= 0)
    throw new DatasetError(
      `line ${rows[wrong]!.line}: ${name} ${rows[wrong]!.cells[index]} comes after ${rows[wrong - 1]!.cells[index]}; sort the rows by time`,
    );
}

function requireComplete(
  columns: readonly Float64Array[],
  names: readonly { name: string }[],
  lines: readonly number[],
): void {
  columns.forEach((column, index) => {
    const row = column.findIndex(Number.isNaN);
    if (row >= 0)
      throw new DatasetError(
        `line ${lines[row]}: ${names[index]!.name} has no value; fill it in, or set dataset.missing: drop, previous or interpolate`,
      );
  });
}

/** Fills missing values with the previous one or by linear interpolation; at the ends, with the nearest. */
function filled(column: Float64Array, how: 'previous' | 'interpolate'): Float64Array {
  const there = Array.from(column.keys()).filter((row) => !Number.isNaN(column[row]));
  const result = column.slice();
  let next = 0;
  for (let row = 0; row < column.length; row++) {
    while (next < there.length && there[next]! < row) next++;
    if (there[next] === row) continue;
    const [before, after] = [there[next - 1], there[next]];
    if (before === undefined || after === undefined || how === 'previous') result[row] = column[before ?? after!]!;
    else result[row] = column[before]! + ((column[after]! - column[before]!) * (row - before)) / (after - before);
  }
  return result;
}
