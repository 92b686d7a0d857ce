import type { DatasetSpec } from '@unroll/contracts';
import type { Clock, Span } from '../prepared/rows';

/** How the columns of a series are read. */
export type SeriesOptions = Pick<DatasetSpec, 'missing'> &
  Partial<Pick<DatasetSpec, 'time' | 'series' | 'gaps' | 'decimal'>> & {
    /** How the data that a network was trained on were written, for times and numbers that may be read in two ways. */
    timeFormat?: string | undefined;
    knownDecimal?: '.' | ',' | undefined;
    /** The columns of numbers that a network was trained on. */
    trained?: readonly string[] | undefined;
    /** Columns of categories, and those that a network was trained on. */
    categories?: readonly string[] | undefined;
    levels?: Readonly<Record<string, readonly string[]>> | undefined;
    /** Whether other categories than those are allowed, as in held-out rows. */
    allowsUnknown?: boolean | undefined;
    /** Those of the columns that are read, where not all are: only of these a value may not be missing. */
    reads?: ((names: readonly string[]) => readonly string[]) | undefined;
    /** Rows after the last value of the targets that only have values of the known columns are allowed. */
    future?: { targets: readonly string[]; known: readonly string[] } | undefined;
  };

/** The numeric columns of one or several series, each in order of time. */
export interface SeriesTable {
  names: string[];
  /** One array per column; NaN where a value is missing. */
  columns: Float64Array[];
  rows: number;
  /** Why columns are not among them, by their names. */
  leftOut?: Readonly<Record<string, string>> | undefined;
  /** What the numbers of columns of categories stand for. */
  levels: Readonly<Record<string, readonly string[]>>;
  spans: Span[];
  /** The time of each row; undefined where the rows have none. */
  clock?: Clock | undefined;
  /** How the times and numbers are written. */
  timeFormat?: string | undefined;
  decimal?: '.' | ',' | undefined;
  /** How missing values are filled within what a forecast may see. */
  fill: 'none' | 'previous' | 'interpolate';
  /** What was read, for people: one line each. */
  facts: string[];
  /** What may be wrong, for people: one line each. */
  warnings: string[];
}
