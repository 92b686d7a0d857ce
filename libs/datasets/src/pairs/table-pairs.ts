import { DatasetError } from '../prepared/data';
import { parseTable, separators } from '../source/csv';
import { decodeText } from '../source/decode';
import { isJsonLines, isWord } from '../source/json-lines';
import { jsonTable, typedTable } from '../tables/read-table';
import { cellOf, placeIn, requireText, type TypedColumn, type TypedTable } from '../tables/typed-table';

/** Two texts of which the second is written for the first. */
export interface Pair {
  texts: [source: string, target: string];
  place: string;
}

/** Names of columns with sources and with targets, the surest first. */
const usualNames = [
  ['source', 'target'],
  ['src', 'tgt'],
  ['input', 'output'],
] as const;

const named = (names: readonly string[], name: string): number =>
  names.findIndex((each) => each.trim().toLowerCase() === name);

/** Where usual names of both are; undefined without them. */
function usualColumns(names: readonly string[]): number[] | undefined {
  const found = usualNames.map((pair) => pair.map((name) => named(names, name)));
  return found.find((places) => places.every((at) => at >= 0));
}

/** Whether a text is one pair on each line, although its first line begins like JSON. */
function isJson(text: string): boolean {
  if (!isJsonLines(text)) return false;
  const [first = ''] = text.trimStart().split('\n', 1);
  if (!first.includes('\t')) return true;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

/** A table whose first line names columns with sources and targets; undefined for a text without. */
function namedTable(text: string): TypedTable | undefined {
  const [first = ''] = text.trimStart().split(/\r\n?|\n/, 1);
  const names = first.split(new RegExp(`[${separators.join('')}]`)).map((name) => name.replaceAll('"', ''));
  if (!usualColumns(names)) return undefined;
  const { header, rows } = parseTable(text);
  const columns = header.map((name, column) => ({ name, values: rows.map(({ cells }) => cells[column]) }));
  return { format: 'a table', columns, rows: rows.length, placeOf: (row) => rows[row]!.place };
}

/** A table: with types, of JSON lines, or with names of columns; undefined for lines of a source, a tab and a target. */
function tableIn(bytes: Uint8Array): TypedTable | undefined {
  const typed = typedTable(bytes);
  if (typed) return typed;
  const text = decodeText(bytes);
  return isJson(text) ? jsonTable(text) : namedTable(text);
}

/** The column of objects with a text for each language, as data sets of translations have it. */
const translation = 'translation';

interface Texts {
  name: string;
  at: (row: number) => string;
}

/** Texts by column: those of the column `translation`, of columns with usual names, or else of all with texts, or of all. */
function textsOf(table: TypedTable): Texts[] {
  const { columns, rows } = table;
  const objects = columns.find(({ name }) => name === translation);
  if (objects) {
    const languages = Object.keys(Object((rows > 0 && objects.values[0]) || {}) as object);
    return languages.map((name) => ({
      name,
      at: (row) => cellOf((objects.values[row] as Record<string, unknown>)?.[name]),
    }));
  }
  const textAt = (value: unknown, row: number): string => cellOf(requireText(value, placeIn(table, row)));
  const usual = usualColumns(columns.map(({ name }) => name))?.map((at) => columns[at]!);
  const words = columns.filter(({ values }) => isWord(values[firstValue(values)]));
  const chosen: readonly TypedColumn[] = usual ?? (words.length > 1 ? words : columns);
  return chosen.map(({ name, values }) => ({ name, at: (row) => textAt(values[row], row) }));
}

/** Where the first value is that is not missing. */
function firstValue(values: ArrayLike<unknown>): number {
  let at = 0;
  while (at < values.length && (values[at] === null || values[at] === undefined)) at++;
  return at;
}

/**
 * The pairs of a table, from the columns `source` and `target` or another usual pair of names, or else from its first two columns of
 * texts; and what was read, for people. Undefined for lines of a source, a tab and a target.
 * @throws DatasetError for fewer columns, or a row without a text
 */
export function tablePairs(bytes: Uint8Array): { pairs: Pair[]; fact: string } | undefined {
  const table = tableIn(bytes);
  if (!table) return undefined;
  const [source, target] = textsOf(table);
  if (!source || !target) throw new DatasetError('pairs need two columns: the source and the target');
  const pairs = Array.from({ length: table.rows }, (_, row): Pair => {
    const texts: [string, string] = [source.at(row), target.at(row)];
    const empty = [source, target].find((__, side) => texts[side] === '');
    if (empty) throw new DatasetError(`${placeIn(table, row)}: ${empty.name} is empty`);
    return { texts, place: placeIn(table, row) };
  });
  return { pairs, fact: `pairs of ${table.format}: source ${source.name}, target ${target.name}` };
}

/** The sources of a table, which may have no targets; undefined for lines. @throws DatasetError for a table without columns */
export function tableSources(bytes: Uint8Array): { text: string; place: string }[] | undefined {
  const table = tableIn(bytes);
  if (!table) return undefined;
  const names = table.columns.map(({ name }) => name);
  const alone = usualNames.map(([name]) => named(names, name)).find((at) => at >= 0);
  const own = alone === undefined ? table : { ...table, columns: [table.columns[alone]!] };
  const [source] = textsOf(own);
  if (!source) throw new DatasetError('the table has no columns: give one with the source texts');
  return Array.from({ length: table.rows }, (_, row) => ({ text: source.at(row), place: placeIn(table, row) }));
}
