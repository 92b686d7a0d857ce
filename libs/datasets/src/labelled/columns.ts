import type { DataReading, DatasetSpec } from '@unroll/contracts';
import { isNumeric } from '../columns/numbers';
import { DatasetError } from '../prepared/data';
import { columnNamed } from '../columns/named';

/** The columns of a labelled table that a person names, and what a trained network knows: its column of texts, and its classes or tags. */
export type LabelledColumns = Partial<Pick<DatasetSpec, 'text' | 'label'>> & {
  known?: string | undefined;
  classes?: readonly string[] | undefined;
};

/** How a person named the columns of a data set, and how training read them. */
export const columnsOf = (
  { text, label }: LabelledColumns,
  reading: Pick<DataReading, 'textColumn' | 'targetVocabulary'> | undefined,
): LabelledColumns => ({ text, label, known: reading?.textColumn, classes: reading?.targetVocabulary });

/** Names of columns with texts, and of those with labels, the surest first. */
const textNames = [
  ['text', 'sequence'],
  ['review', 'comment', 'sentence', 'message', 'tweet', 'review_text', 'reviewtext', 'comment_text', 'tweet_text'],
  [
    'content',
    'body',
    'document',
    'utterance',
    'query',
    'question',
    'headline',
    'title',
    'description',
    'post',
    'sms',
    'phrase',
  ],
];
const labelNames = [
  ['label', 'target', 'class'],
  ['sentiment', 'category', 'polarity', 'labels', 'classification', 'tag', 'intent', 'topic', 'emotion', 'spam', 'y'],
  ['rating', 'score', 'stars', 'language', 'type', 'genre'],
];

export interface TableRow {
  cells: readonly string[];
}

/** The column with the text of new rows: as named, as of the training data, or by its name; undefined for none. */
export function textColumn(header: readonly string[], { text, known }: LabelledColumns): number | undefined {
  if (text !== undefined) return columnNamed(header, text, 'dataset.text');
  const same = known === undefined ? -1 : header.indexOf(known);
  return same < 0 ? byName(header, textNames) : same;
}

/** The same for the label. */
export function labelColumn(header: readonly string[], { label }: LabelledColumns): number | undefined {
  if (label !== undefined) return columnNamed(header, label, 'dataset.label');
  return byName(header, labelNames);
}

/**
 * The columns with the text and with the label: as named; else by their usual names; else, of two columns, the one whose values repeat
 * less; else the only one with words and the only one with few values.
 * @throws DatasetError, with the columns, where that is not clear
 */
export function labelledColumns(
  header: readonly string[],
  rows: readonly TableRow[],
  wanted: LabelledColumns,
): { text: number; label: number } {
  const facts = header.map((_, column) => columnFacts(rows, column));
  const free = header.flatMap((name, column) => (isUseless(name, facts[column]!) ? [] : [column]));
  const named = {
    text: textColumn(header, wanted),
    label: labelColumn(header, wanted),
  };
  const rest = (other: number | undefined): number[] =>
    (header.length === 2 ? [0, 1] : free).filter((each) => each !== other);
  const text =
    named.text ??
    only(rest(named.label).filter((column) => header.length === 2 || facts[column]!.hasWords)) ??
    moreVaried(facts, header);
  const label = named.label ?? only(rest(text).filter((column) => header.length === 2 || facts[column]!.repeats));
  if (
    named.text === undefined &&
    header.length > 2 &&
    rows.every(({ cells }) => cells.every((cell) => cell === '' || isNumeric(cell)))
  )
    throw new DatasetError(
      'the table has only numbers: give texts, or sequences of numbers as JSON lines, {"values": [...], "label": ...}',
    );
  if (text === undefined || label === undefined || text === label)
    throw new DatasetError(
      `it is not clear which columns have the text and the label; they are ${header.map((name, column) => name || `column ${column + 1}`).join(', ')}: ` +
        'set dataset.text and dataset.label to their names',
      'dataset.text',
    );
  requireNames(header, rows, label);
  return { text, label };
}

const only = (columns: readonly number[]): number | undefined => (columns.length === 1 ? columns[0] : undefined);

/** The only column with one of the surest names that occur. */
function byName(header: readonly string[], names: readonly (readonly string[])[]): number | undefined {
  for (const group of names) {
    const found = header.flatMap((name, column) => (group.includes(name.toLowerCase()) ? [column] : []));
    if (found.length === 1) return found[0];
    if (found.length > 1) return undefined;
  }
  return undefined;
}

interface ColumnFacts {
  /** Different values, as a fraction of the rows. */
  varied: number;
  hasWords: boolean;
  repeats: boolean;
}

function columnFacts(rows: readonly TableRow[], column: number): ColumnFacts {
  const values = rows.map(({ cells }) => cells[column] ?? '');
  const different = new Set(values).size;
  const spaced = values.filter((value) => /\S\s+\S/.test(value) && !isNumeric(value)).length;
  return {
    varied: different / Math.max(1, rows.length),
    hasWords: 2 * spaced > rows.length && 2 * different > rows.length,
    repeats: different > 1 && 2 * different <= rows.length + 1,
  };
}

/** Identifiers and parts are neither text nor label. */
const isUseless = (name: string, { varied }: ColumnFacts): boolean =>
  /^(|index|unnamed: ?\d+|part|split|fold)$/i.test(name) ||
  (/(^|_|\b)(id|uuid|guid|key|no|nr)$/i.test(name) && varied > 0.5);

/** Of two columns without telling names: the text is the one whose values differ more, as a label's repeat. */
function moreVaried([first, second, ...others]: readonly ColumnFacts[], header: readonly string[]): number | undefined {
  if (!first || !second || others.length > 0 || header.length !== 2) return undefined;
  return second.varied > first.varied ? 1 : 0;
}

/** @throws DatasetError for a table without a header: its first line has a label of other rows */
function requireNames(header: readonly string[], rows: readonly TableRow[], label: number): void {
  const count = rows.filter(({ cells }) => cells[label] === header[label]).length;
  if (count > 1)
    throw new DatasetError(
      `line 1: ${JSON.stringify(header[label])} is the label of ${count} other rows, so the table has no header; ` +
        'add a line with the names of the columns, such as text,label',
    );
}
