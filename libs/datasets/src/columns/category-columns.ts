import { DatasetError } from '../prepared/data';
import type { CsvRow } from '../source/csv';
import type { IsMissing } from './missing';
import { columnNamed } from './named';

/** Categories of a column; a network has weights for each. */
const mostLevels = 200;

export interface CategoryColumn {
  index: number;
  name: string;
  /** The categories, sorted; a value is the number of one, NaN where it is missing. */
  levels: readonly string[];
  values: Float64Array;
  /** What the cells with a category that the network does not know say. */
  unknown: readonly string[];
}

/** The number of a category that a network does not know, which is none of its ones among zeros. */
export const unknownLevel = -1;

interface Asked {
  header: readonly string[];
  isMissing: IsMissing;
  /** Those of a trained network, by column. */
  known?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whether others than those are allowed, and have the number `unknownLevel`. */
  allowsUnknown?: boolean | undefined;
}

/**
 * Reads columns of categories, in any writing, as numbers.
 * @throws DatasetError for a column that is not there, one of one category or too many, or a category that the network does not know
 */
export const categoryColumns = (
  rows: readonly CsvRow[],
  names: readonly string[],
  { header, isMissing, known, allowsUnknown = false }: Asked,
): CategoryColumn[] =>
  names.map((name) => {
    const index = columnNamed(header, name, 'task.categories');
    const cells = rows.map((row) => row.cells[index]!);
    const levels = known?.[name] ?? [...new Set(cells.filter((cell) => !isMissing(cell)))].sort();
    if (levels.length < 2 || levels.length > mostLevels)
      throw new DatasetError(
        `task.categories: ${name} has ${levels.length} ${levels.length === 1 ? 'value' : 'different values'}, and must have 2 to ${mostLevels}; leave it out`,
        'task.categories',
      );
    const numbers = new Map(levels.map((level, at) => [level, at]));
    const unknown: string[] = [];
    const values = Float64Array.from(cells, (cell, row) => {
      if (isMissing(cell)) return NaN;
      const number = numbers.get(cell);
      if (number !== undefined) return number;
      if (allowsUnknown) unknown.push(cell);
      if (allowsUnknown) return unknownLevel;
      throw new DatasetError(
        `${rows[row]!.place}: ${name} is ${JSON.stringify(cell)}, which the model has not seen; it knows ${levels.slice(0, 10).join(', ')}`,
      );
    });
    return { index, name, levels, values, unknown };
  });
