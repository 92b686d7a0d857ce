import type { IsMissing } from '../columns/missing';
import { plainValue } from '../columns/numbers';
import type { CsvRow, KnownNumbers } from '../source/csv';

/** The times of rows, in the order of the file. */
export interface RowTimes {
  /** The columns that they are read from. */
  columns: number[];
  /** Milliseconds since 1970 as the clock on the wall shows them, or in UTC where they have an offset; or numbers that count. */
  kind: 'dates' | 'numbers';
  values: Float64Array;
  hasOffset: boolean;
  /** In Luxon's letters, or a word; undefined for parts in several columns and for numbers. */
  format?: string | undefined;
  /** The column and its format, for people. */
  description: string;
}

/** A table by columns, without what is empty. */
export interface Cells {
  header: readonly string[];
  rows: readonly CsvRow[];
  isMissing: IsMissing;
  /** By column, the numbers of what the file has as numbers, and the seconds of durations. */
  known: KnownNumbers;
  durations: KnownNumbers;
  /** Columns that name the series, or that a network reads as numbers: they are no times. */
  notTimes: readonly number[];
  /** Rows by series, each in the order of the file. */
  groups: readonly (readonly number[])[];
}

/** The number that a cell is without any format, or in the file; NaN for another. */
export const numberIn = ({ rows, known }: Pick<Cells, 'rows' | 'known'>, column: number, row: number): number =>
  known[column]?.[row] ?? plainValue(rows[row]!.cells[column]!);
