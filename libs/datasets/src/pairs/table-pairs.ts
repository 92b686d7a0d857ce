import { DatasetError } from '../prepared/data';
import { headerCells, parseTable } from '../source/csv';
import { decodeText } from '../source/decode';
import { isJsonLines, isMeantAsJson, isWord } from '../source/json-lines';
import { firstLine } from '../source/lines';
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

/** Whether a text with pairs is JSON, rather than one pair on each line of which the first begins like JSON. */
function isJson(text: string): boolean {
  if (!isJsonLines(text)) return false;
  const first = firstLine(text.trimStart());
  return !first.includes('\t') || parsed(first) !== undefined;
}

/** What a line of JSON says; undefined for another line. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A table of texts whose first line names columns such that `isHeader`; undefined for a text without. */
function namedTable(text: string, isHeader: (names: readonly string[]) => boolean): TypedTable | undefined {
  if (!isHeader(headerCells(text))) return undefined;
  const { header, rows } = parseTable(text);
  // The lines may have another separator than the names seem to have: then these are words of a text.
  if (!isHeader(header)) return undefined;
  const columns = header.map((name, column) => ({ name, values: rows.map(({ cells: own }) => own[column]) }));
  return { format: 'a table', columns, rows: rows.length, placeOf: (row) => rows[row]!.place };
}

/** A table: with types, of JSON lines, or with names of columns; undefined for lines of a source, a tab and a target. */
function tableIn(bytes: Uint8Array): TypedTable | undefined {
  const typed = typedTable(bytes);
  if (typed) return typed;
  const text = decodeText(bytes);
  if (isJson(text)) return jsonTable(text);
  return namedTable(text, (names) => usualColumns(names) !== undefined);
}

/** The column of objects with a text for each language, as data sets of translations have it. */
const translation = 'translation';

interface Texts {
  name: string;
  at: (row: number) => string;
}

/** The languages of a table of translations, in their order; undefined for another table. */
function languagesOf({ columns, rows }: TypedTable): string[] | undefined {
  const objects = columns.find(({ name }) => name === translation);
  return objects && Object.keys(Object((rows > 0 && objects.values[0]) || {}) as object);
}

/** Texts by column: those of the column `translation`, of columns with usual names, or else of all with texts, or of all. */
function textsOf(table: TypedTable): Texts[] {
  const { columns } = table;
  const languages = languagesOf(table);
  if (languages) {
    const objects = columns.find(({ name }) => name === translation)!;
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
export function tablePairs(bytes: Uint8Array): { pairs: Pair[]; fact: string; sourceColumn: string } | undefined {
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
  const fact = `pairs of ${table.format}: source ${source.name}, target ${target.name}`;
  return { pairs, fact, sourceColumn: source.name };
}

/** The column of a table with the sources: the one that they were `known` by in training, or by a usual name; undefined for none. */
function sourceColumn(names: readonly string[], known: string | undefined): number | undefined {
  const wanted = [...(known === undefined ? [] : [known.toLowerCase()]), ...usualNames.map(([name]) => name)];
  return wanted.map((name) => named(names, name)).find((at) => at >= 0);
}

/**
 * The table with the sources in a text. `known`: the column that they had in training; without one, a line is a source whatever it begins
 * with, and a table is one with a usual name, beside others or as JSON.
 */
function sourceTable(text: string, known: string | undefined): TypedTable | undefined {
  const hasSources = (table: TypedTable): boolean =>
    sourceColumn(
      table.columns.map(({ name }) => name),
      known,
    ) !== undefined || languagesOf(table) !== undefined;
  if (known !== undefined && isMeantAsJson(text) && isJson(text)) return jsonTable(text);
  if (known === undefined && isJsonLines(text)) {
    const table = jsonIn(text);
    return table && hasSources(table) ? table : undefined;
  }
  const isHeader = (names: readonly string[]): boolean =>
    known === undefined ? usualColumns(names) !== undefined : sourceColumn(names, known) !== undefined;
  return namedTable(text, isHeader);
}

/** A table of JSON lines of which the first is one, or of a JSON list; undefined for another text. @throws DatasetError for a line */
function jsonIn(text: string): TypedTable | undefined {
  const isList = text.trimStart().startsWith('[');
  return parsed(isList ? text : firstLine(text.trimStart())) === undefined ? undefined : jsonTable(text);
}

/**
 * The sources of a table, which may have no targets; undefined for lines. `known`: the column that had them in the training data, undefined
 * for lines.
 * @throws DatasetError for a table without columns
 */
export function tableSources(bytes: Uint8Array, known?: string): { text: string; place: string }[] | undefined {
  const table = typedTable(bytes) ?? sourceTable(decodeText(bytes), known);
  if (!table) return undefined;
  const source = sourcesIn(table, known);
  if (!source) throw new DatasetError('the table has no columns: give one with the source texts');
  return Array.from({ length: table.rows }, (_, row) => ({ text: source.at(row), place: placeIn(table, row) }));
}

function sourcesIn(table: TypedTable, known: string | undefined): Texts | undefined {
  const names = table.columns.map(({ name }) => name);
  const alone = sourceColumn(names, known);
  const texts = textsOf(alone === undefined ? table : { ...table, columns: [table.columns[alone]!] });
  return texts.find(({ name }) => name === known) ?? texts[0];
}
