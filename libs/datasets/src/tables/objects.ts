import { isList, isNumber, parseJsonLines, type JsonLine } from '../source/json-lines';
import { decodeText } from '../source/decode';
import { typedTable } from './read-table';
import { withoutBytes } from './values';
import { placeIn, Unread, type TypedTable } from './typed-table';

/** The rows of a typed table, or the lines of JSON lines. @throws DatasetError */
export function objectsIn(bytes: Uint8Array): JsonLine[] {
  const typed = typedTable(bytes);
  return typed ? objectsOf(typed) : parseJsonLines(decodeText(bytes));
}

/** The rows of a table as the objects of JSON lines, without columns that are not read. */
export function objectsOf(typed: TypedTable): JsonLine[] {
  const columns = typed.columns.filter(({ values }) => !(values[0] instanceof Unread));
  return Array.from({ length: typed.rows }, (_, row) => ({
    row: Object.fromEntries(columns.map(({ name, values }) => [name, plain(values[row])])),
    place: placeIn(typed, row),
  }));
}

/** Integers of 64 bits as numbers where these are exact, else as texts. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (!Array.isArray(value)) return withoutBytes(value);
  return isList(value, isNumber) ? value : (value as unknown[]).map(plain);
}
