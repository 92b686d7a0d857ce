import type { IsMissing } from '../columns/missing';
import type { KnownNumbers, Table } from '../source/csv';
import { secondsOf } from '../tables/times';

/** How pandas writes that there is no duration. */
const noDuration = /^nat$/i;

/**
 * By column: seconds, where all that is not missing are durations, as pandas and the tables with types write them; undefined for another.
 * The cells stay as they are, for the names of series and categories.
 */
export const durationsIn = ({ header, rows }: Pick<Table, 'header' | 'rows'>, isMissing: IsMissing): KnownNumbers =>
  header.map((_, column) => {
    const seconds = new Float64Array(rows.length).fill(NaN);
    let isEmpty = true;
    for (const [row, { cells }] of rows.entries()) {
      const cell = cells[column]!;
      if (isMissing(cell) || noDuration.test(cell)) continue;
      const digits = secondsOf(cell);
      if (digits === undefined) return undefined;
      seconds[row] = Number(digits);
      isEmpty = false;
    }
    return isEmpty ? undefined : seconds;
  });

/** By column: its numbers, where the file has all that is not missing as such; undefined for another. */
export const typedNumbers = ({ header, rows, numbers }: Table, isMissing: IsMissing): KnownNumbers =>
  header.map((_, column) => {
    const own = numbers?.[column];
    return own && rows.every(({ cells }, row) => !Number.isNaN(own[row]) || isMissing(cells[column]!))
      ? own
      : undefined;
  });
