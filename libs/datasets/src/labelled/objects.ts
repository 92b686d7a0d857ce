import { DatasetError } from '../prepared/data';
import { isList, isNumber, isWord, type JsonLine } from '../source/json-lines';
import { labelColumn, textColumn, type LabelledColumns } from './columns';
import type { LabelledRow } from './row';
import type { LabelledTable } from './table';

/** The keys of the text and the answer, if a person named none. */
interface Keys {
  /** That of a text, before any other input: the one of the training data, where it is there. */
  first: string;
  text: string | undefined;
  answer: string | undefined;
}

/** One for all rows: another key of a row that lacks it is another thing. */
function usualKeys(lines: readonly JsonLine[], { known }: LabelledColumns): Keys {
  const keys = [...new Set(lines.flatMap(({ row }) => Object.keys(row)))];
  const answer = ['label', 'target'].find((name) => keys.includes(name)) ?? keys[labelColumn(keys, {}) ?? -1];
  const first = known !== undefined && keys.includes(known) ? known : 'text';
  return { first, text: keys.includes(first) ? first : keys[textColumn(keys, {}) ?? -1], answer };
}

/**
 * JSON lines: {"text" | "tokens" | "values" | "frames", "label" | "target" | "tags"}. `wanted`: other names of the text and the label.
 * @throws DatasetError with the line
 */
export function objectRows(
  lines: readonly JsonLine[],
  wanted: LabelledColumns,
): Pick<LabelledTable, 'rows' | 'textColumn'> {
  const keys = usualKeys(lines, wanted);
  const rows = lines.map(({ row, place }) => ({
    ...parseInput(row, place, wanted, keys),
    ...parseAnswer(row, place, wanted, keys),
    ...(isWord(row.part) ? { part: row.part } : {}),
    place,
  }));
  const hasTexts = rows[0]?.text !== undefined;
  const read = wanted.text === undefined ? [keys.first, keys.text] : [wanted.text];
  return { rows, textColumn: hasTexts ? read.find((key) => isWord(lines[0]!.row[key!])) : undefined };
}

/** The same without targets, which are optional and ignored. */
export function inputObjects(lines: readonly JsonLine[], wanted: LabelledColumns): LabelledRow[] {
  const keys = usualKeys(lines, wanted);
  return lines.map(({ row, place }) => ({ ...parseInput(row, place, wanted, keys), place }));
}

function parseInput(
  row: Record<string, unknown>,
  place: string,
  { text: name }: LabelledColumns,
  { first, text: usual }: Keys,
): Partial<LabelledRow> {
  const { tokens, values, frames } = row;
  const text = row[name ?? first];
  if (isWord(text)) return { text };
  // A column that is named may be any of these.
  const [words, numbers, lists] = name === undefined ? [tokens, values, frames] : [text, text, text];
  if (isList(words, isWord)) return { symbols: words };
  if (isList(numbers, isNumber)) return { frames: numbers.map((value) => [value]) };
  if (isList(lists, (frame): frame is number[] => isList(frame, isNumber))) return { frames: lists };
  if (name !== undefined)
    throw new DatasetError(`${place}: has no text ${JSON.stringify(name)} (dataset.text)`, 'dataset.text');
  if (usual !== undefined && isWord(row[usual])) return { text: row[usual] };
  const broken = Object.entries({ tokens, values, frames }).find(([, value]) => value !== undefined);
  if (broken) throw new DatasetError(`${place}: ${unlike(...broken)}`);
  const texts = Object.keys(row).filter((key) => isWord(row[key]) && !['label', 'target', 'part'].includes(key));
  const other = texts.length > 0 ? `, or set dataset.text to one of ${texts.slice(0, 5).join(', ')}` : '';
  throw new DatasetError(
    `${place}: has no input; give "text", "tokens" (a list of words), "values" (of numbers) or "frames" (of lists of numbers)${other}`,
    texts.length > 0 ? 'dataset.text' : undefined,
  );
}

/** What is wrong about an input: the first item that is of another kind. */
function unlike(key: string, value: unknown): string {
  const kind = { tokens: 'a list of words', values: 'a list of numbers', frames: 'a list of lists of numbers' }[key]!;
  const isItem = (item: unknown): boolean =>
    key === 'tokens' ? isWord(item) : key === 'values' ? isNumber(item) : isList(item, isNumber);
  const wrong: unknown = Array.isArray(value) ? value.find((item) => !isItem(item)) : value;
  return `${JSON.stringify(key)} is ${kind}, but has ${(JSON.stringify(wrong) ?? 'nothing').slice(0, 30)}`;
}

function parseAnswer(
  row: Record<string, unknown>,
  place: string,
  { label: name }: LabelledColumns,
  { answer: usual }: Keys,
): Partial<LabelledRow> {
  const tags = name === undefined ? row.tags : row[name];
  if (isList(tags, isWord)) return { tags };
  const key = name ?? usual;
  const answer = key === undefined ? undefined : row[key];
  if (isWord(answer) && answer.trim() === '') throw new DatasetError(`${place}: has no label`);
  if (isWord(answer) || isNumber(answer) || typeof answer === 'boolean') return { label: String(answer) };
  if (name !== undefined)
    throw new DatasetError(`${place}: has no label ${JSON.stringify(name)} (dataset.label)`, 'dataset.label');
  throw new DatasetError(
    `${place}: has no target; give "label", "target" or "tags" (a list of words), or set dataset.label`,
  );
}
