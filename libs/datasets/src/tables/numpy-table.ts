import { DatasetError } from '../prepared/data';
import type { NumpyArray } from './numpy';
import type { TypedColumn, TypedTable } from './typed-table';

/**
 * Arrays of NumPy as one table: a structured array has its fields as columns, one of two dimensions its second as columns, and arrays of
 * one dimension are columns that lie beside each other.
 * @throws DatasetError for arrays of different lengths, or of other dimensions
 */
export function numpyTable(arrays: readonly NumpyArray[]): TypedTable {
  const [first] = arrays;
  const rows = first?.shape[0] ?? 0;
  const columns = arrays.flatMap((array): TypedColumn[] => {
    const { name, shape, values, fields } = array;
    const [length = 0, width] = shape;
    if (shape.length < 1 || shape.length > 2 || (fields && shape.length > 1))
      throw new DatasetError(
        `${name} has ${shape.length} dimensions: a table needs arrays of one (a column), or of two (rows and columns)`,
      );
    if (length !== rows)
      throw new DatasetError(`${name} has ${length} rows, but ${first!.name} has ${rows}: leave one of them out`);
    if (fields) return fields;
    if (width === undefined) return [{ name, values }];
    const nameOf = (column: number): string => (arrays.length === 1 ? `column ${column + 1}` : `${name} ${column + 1}`);
    return Array.from({ length: width }, (_, column) => ({
      name: width === 1 ? name : nameOf(column),
      values: Array.from({ length: rows }, (__, row) => values[row * width + column]),
    }));
  });
  return { format: 'NumPy', columns, rows };
}
