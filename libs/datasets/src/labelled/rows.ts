import { DatasetError } from '../data';
import { parseCsv } from '../series/csv';
import { decodeText } from '../text/text';

/** One labelled sequence as it was written. Exactly one of `text`, `symbols` and `frames` is there. */
export interface LabelledRow {
  text?: string;
  symbols?: string[];
  frames?: number[][];
  /** A class, or a number. */
  label?: string;
  /** A class for each step. */
  tags?: string[];
  /** Where it stands, for messages. */
  place: string;
}

/**
 * Labelled sequences as JSON lines ({"text" | "tokens" | "values" | "frames", "label" | "target" | "tags"}), or as CSV whose header names a
 * column text (else the first one) and a column label or target (else the last one).
 * @throws DatasetError for an empty file, a single row, or a row that cannot be read, naming it
 */
export function labelledRows(bytes: Uint8Array): LabelledRow[] {
  const text = decodeText(bytes);
  const rows = /^\s*\{/.test(text) ? jsonLines(text) : csvRows(text);
  if (rows.length < 2) throw new DatasetError(`the data set has ${rows.length} labelled rows: give at least two`);
  return rows;
}

function csvRows(text: string): LabelledRow[] {
  const { header, rows } = parseCsv(text);
  if (header.length < 2) throw new DatasetError('line 1: a labelled table needs two columns, the text and its label');
  const column = (names: readonly string[], standard: number): number => {
    const found = header.findIndex((name) => names.includes(name.toLowerCase()));
    return found >= 0 ? found : standard;
  };
  const [input, label] = [column(['text', 'sequence'], 0), column(['label', 'target', 'class'], header.length - 1)];
  return rows.map(({ cells, line }) => ({ text: cells[input]!, label: cells[label]!, place: `line ${line}` }));
}

function jsonLines(text: string): LabelledRow[] {
  return text.split('\n').flatMap((each, index): LabelledRow[] => {
    if (each.trim() === '') return [];
    const place = `line ${index + 1}`;
    let row: Record<string, unknown>;
    try {
      row = Object(JSON.parse(each)) as Record<string, unknown>;
    } catch {
      throw new DatasetError(`${place}: not valid JSON; a file of JSON lines has one object on each line`);
    }
    return [{ ...inputOf(row, place), ...answerOf(row, place), place }];
  });
}

const isList = <Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] =>
  Array.isArray(value) && value.every(isItem);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWord = (value: unknown): value is string => typeof value === 'string';

function inputOf({ text, tokens, values, frames }: Record<string, unknown>, place: string): Partial<LabelledRow> {
  if (isWord(text)) return { text };
  if (isList(tokens, isWord)) return { symbols: tokens };
  if (isList(values, isNumber)) return { frames: values.map((value) => [value]) };
  if (isList(frames, (frame): frame is number[] => isList(frame, isNumber))) return { frames };
  throw new DatasetError(
    `${place}: has no input; give "text", "tokens" (a list of words), "values" (of numbers) or "frames" (of lists of numbers)`,
  );
}

function answerOf({ label, target, tags }: Record<string, unknown>, place: string): Partial<LabelledRow> {
  if (isList(tags, isWord)) return { tags };
  const answer = label ?? target;
  if (isWord(answer) || isNumber(answer) || typeof answer === 'boolean') return { label: String(answer) };
  throw new DatasetError(`${place}: has no answer; give "label", "target" or "tags" (a list of words)`);
}
