import { suggestion } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';

/** The name of a column in messages. */
export const columnName = (header: readonly string[], column: number): string =>
  header[column] === '' ? `column ${column + 1}` : header[column]!;

/** The index of a column. @throws DatasetError, naming the option, for one that is not there */
export function columnNamed(header: readonly string[], name: string, option: string): number {
  const exact = header.indexOf(name);
  const found = exact >= 0 ? exact : header.findIndex((each) => each.toLowerCase() === name.toLowerCase());
  if (found >= 0) return found;
  const near = suggestion(name, [...header]);
  throw new DatasetError(
    `${option}: there is no column ${JSON.stringify(name)}${near || `; the columns are ${header.filter(Boolean).join(', ')}`}`,
    option,
  );
}
