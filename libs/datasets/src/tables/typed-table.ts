import { DatasetError } from '../prepared/data';
import type { Table } from '../source/csv';
import { withoutBytes } from './values';

/** In place of each value of a column of a type that is not read. */
export class Unread {
  /** @param message why, with the name of the column, and what to do */
  constructor(readonly message: string) {}
}

/**
 * A column of a file that has types. Values: null, numbers, texts, truth values, and lists or objects of these; times are ISO 8601;
 * durations as `durationCell` writes them; bytes that are no text; or Unread, all of them.
 */
export interface TypedColumn {
  name: string;
  values: ArrayLike<unknown>;
  /** The names of all classes in the order of their numbers, where the file has them and `values` are such names. */
  classes?: readonly string[] | undefined;
  /** Whether its texts are decimal numbers, of which a float64 may not have all digits. */
  hasDecimals?: boolean | undefined;
}

/** A table of a file that has types. */
export interface TypedTable {
  /** The format, for people. */
  format: string;
  columns: readonly TypedColumn[];
  rows: number;
  /** Where a row stands in the file, for messages. Default: its number from 1. */
  placeOf?: ((row: number) => string) | undefined;
}

/** Values that a table may have: those of more would not fit in memory together with the prepared data. */
export const mostValues = 2 ** 25;

/** @throws DatasetError for a table that is too large to be read at once */
export function requireModest(rows: number, columns: number): void {
  if (!(rows * Math.max(1, columns) <= mostValues))
    throw new DatasetError(
      `the table has ${rows.toLocaleString('en-US')} rows of ${columns} columns, and at most ` +
        `${mostValues.toLocaleString('en-US')} values are read: use a part of it`,
    );
}

/** How pandas names an index without a name. Its CSV leaves the name empty. */
const isUnnamedIndex = (name: string): boolean => /^__index_level_\d+__$/.test(name);

/** Where a row stands in the file, for messages. */
export const placeIn = ({ placeOf = (row) => `row ${row + 1}` }: TypedTable, row: number): string => placeOf(row);

/** A value as a cell of a table of texts, which is then read as any other: empty where it is missing, as NaN is. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value) || value instanceof Unread) return '';
  if (typeof value === 'string') return value.trim();
  if (value instanceof Uint8Array) return cellOf(withoutBytes(value));
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}

/** A value of a column of texts. @throws DatasetError for bytes that are none, or a column that is not read */
export function requireText<Value>(value: Value, place: string): Exclude<Value, Uint8Array> {
  if (value instanceof Unread) throw new DatasetError(value.message);
  if (!(value instanceof Uint8Array)) return value as Exclude<Value, Uint8Array>;
  throw new DatasetError(`${place}: the text is not valid UTF-8: convert it, for example with iconv`);
}

/** @throws DatasetError for bytes that are no text in a column of texts, if there is one of that name */
export function requireTexts(typed: TypedTable, name: string | undefined): void {
  const column = typed.columns.find((each) => each.name === name);
  if (column) for (let row = 0; row < typed.rows; row++) requireText(column.values[row], placeIn(typed, row));
}

/** The values of a column that are numbers in the file; NaN elsewhere; undefined for none. */
function numbersIn({ values, hasDecimals = false }: TypedColumn, rows: number): Float64Array | undefined {
  const isNumber = (value: unknown): boolean =>
    typeof value === 'number' || typeof value === 'bigint' || (hasDecimals && typeof value === 'string');
  const numbers = Float64Array.from({ length: rows }, (_, row) => (isNumber(values[row]) ? Number(values[row]) : NaN));
  return numbers.every(Number.isNaN) ? undefined : numbers;
}

/** @throws DatasetError for columns none of which is read */
function unreadColumns(columns: readonly TypedColumn[], rows: number): Map<number, string> {
  const unread = columns.flatMap(({ values }, column): [number, string][] => {
    const [first] = rows > 0 ? [values[0]] : [];
    return first instanceof Unread ? [[column, first.message]] : [];
  });
  if (unread.length === columns.length && unread[0]) throw new DatasetError(unread[0][1]);
  return new Map(unread);
}

/** The same table as cells. @throws DatasetError for one without columns, or none that is read, or with too many values */
export function asCells(typed: TypedTable): Table {
  const { columns, rows, format } = typed;
  if (columns.length === 0) throw new DatasetError(`the data set is empty: the ${format} table has no columns`);
  requireModest(rows, columns.length);
  const header = columns.map(({ name }) => (isUnnamedIndex(name) ? '' : name));
  const table = Array.from({ length: rows }, (_, row) => ({
    cells: columns.map(({ values }) => cellOf(values[row])),
    place: placeIn(typed, row),
  }));
  const numbers = columns.map((column) => numbersIn(column, rows));
  const unread = unreadColumns(columns, rows);
  return { header, rows: table, separator: ',', hasNames: true, notes: [format], numbers, unread };
}
