import { DatasetError } from '../prepared/data';
import { typedTable } from '../tables/read-table';
import { cellOf, placeIn, requireText, type TypedTable } from '../tables/typed-table';

/** Two texts of which the second is written for the first. */
export interface Pair {
  texts: [source: string, target: string];
  place: string;
}

/** The column of objects with a text for each language, as data sets of translations have it. */
const translation = 'translation';

/** Texts by column: those of the column `translation`, or else of all. */
function textsOf(table: TypedTable): { name: string; at: (row: number) => string }[] {
  const { columns, rows } = table;
  const textAt = (value: unknown, row: number): string => cellOf(requireText(value, placeIn(table, row)));
  const objects = columns.find(({ name }) => name === translation);
  if (!objects) return columns.map(({ name, values }) => ({ name, at: (row) => textAt(values[row], row) }));
  const languages = Object.keys(Object((rows > 0 && objects.values[0]) || {}) as object);
  return languages.map((name) => ({
    name,
    at: (row) => cellOf((objects.values[row] as Record<string, unknown>)?.[name]),
  }));
}

/**
 * The pairs of a typed table, from its first two columns; undefined for a text.
 * @throws DatasetError for fewer columns, or a row without a text
 */
export function typedPairs(bytes: Uint8Array): Pair[] | undefined {
  const table = typedTable(bytes);
  if (!table) return undefined;
  const [source, target] = textsOf(table);
  if (!source || !target) throw new DatasetError('pairs need two columns: the source and the target');
  return Array.from({ length: table.rows }, (_, row) => {
    const texts: [string, string] = [source.at(row), target.at(row)];
    const empty = [source, target].find((__, side) => texts[side] === '');
    if (empty) throw new DatasetError(`${placeIn(table, row)}: ${empty.name} is empty`);
    return { texts, place: placeIn(table, row) };
  });
}

/** The sources of a typed table; undefined for a text. @throws DatasetError */
export function typedSources(bytes: Uint8Array): { text: string; place: string }[] | undefined {
  const table = typedTable(bytes);
  if (!table) return undefined;
  const [source] = textsOf(table);
  if (!source) throw new DatasetError('the table has no columns: give one with the source texts');
  return Array.from({ length: table.rows }, (_, row) => ({ text: source.at(row), place: placeIn(table, row) }));
}
