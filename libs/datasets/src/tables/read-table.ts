import { DatasetError } from '../prepared/data';
import { parseTable, requireDistinctColumns, type Table } from '../source/csv';
import { decodeText } from '../source/decode';
import { isJsonLines, parseJsonLines } from '../source/json-lines';
import { readArrow } from './arrow';
import { isNpy, readNpy, readNpz, type NumpyArray } from './numpy';
import { numpyTable } from './numpy-table';
import { readParquet } from './parquet';
import { tableFormat } from './table-format';
import { withinTime } from './within-time';
import { asCells, type TypedTable } from './typed-table';

/** The arrays of a file of NumPy; undefined for another file. @throws DatasetError */
export function numpyArrays(bytes: Uint8Array): NumpyArray[] | undefined {
  if (isNpy(bytes)) return [readNpy(bytes, 'value')];
  return tableFormat(bytes) === 'npz' ? readNpz(bytes) : undefined;
}

/** The table of a file that has types, by its first bytes; undefined for a text. @throws DatasetError also for two columns of one name */
export function typedTable(bytes: Uint8Array): TypedTable | undefined {
  const table = readTyped(bytes);
  if (table) requireDistinctColumns(table.columns.map(({ name }) => name));
  return table;
}

function readTyped(bytes: Uint8Array): TypedTable | undefined {
  switch (tableFormat(bytes)) {
    case 'parquet':
      return withinTime('Parquet', () => readParquet(bytes));
    case 'arrow':
      return withinTime('Arrow', () => readArrow(bytes));
    case 'feather-1':
      throw new DatasetError('this is Feather version 1: write version 2, as df.to_feather(path) does');
    case 'npy':
    case 'npz':
      return numpyTable(numpyArrays(bytes)!);
    default:
      return undefined;
  }
}

/** JSON lines as a table: the keys of all rows are its columns. @throws DatasetError for an invalid line */
export function jsonTable(text: string): TypedTable {
  const lines = parseJsonLines(text);
  const names = new Set(lines.flatMap(({ row }) => Object.keys(row)));
  const columns = [...names].map((name) => ({ name, values: lines.map(({ row }) => row[name]) }));
  return { format: 'JSON lines', columns, rows: lines.length, placeOf: (row) => lines[row]!.place };
}

/**
 * Reads a table in any format, recognised by its content: Parquet, Arrow, NumPy, JSON lines, or CSV.
 * @throws DatasetError with the place
 */
export function readTable(bytes: Uint8Array, options: { isSeries?: boolean } = {}): Table {
  const typed = typedTable(bytes);
  if (typed) return asCells(typed);
  const text = decodeText(bytes);
  return isJsonLines(text) ? asCells(jsonTable(text)) : parseTable(text, options);
}
