import { DatasetError } from '../prepared/data';
import { isList, isNumber, isWord, parseJsonLines } from '../source/json-lines';
import type { LabelledRow } from './row';

/** JSON lines: {"text" | "tokens" | "values" | "frames", "label" | "target" | "tags"}. @throws DatasetError with the line */
export const objectRows = (text: string): LabelledRow[] =>
  parseJsonLines(text).map(({ row, place }) => ({
    ...parseInput(row, place),
    ...parseAnswer(row, place),
    ...(isWord(row.part) ? { part: row.part } : {}),
    place,
  }));

/** The same without targets, which are optional and ignored. */
export const inputObjects = (text: string): LabelledRow[] =>
  parseJsonLines(text).map(({ row, place }) => ({ ...parseInput(row, place), place }));

function parseInput({ text, tokens, values, frames }: Record<string, unknown>, place: string): Partial<LabelledRow> {
  if (isWord(text)) return { text };
  if (isList(tokens, isWord)) return { symbols: tokens };
  if (isList(values, isNumber)) return { frames: values.map((value) => [value]) };
  if (isList(frames, (frame): frame is number[] => isList(frame, isNumber))) return { frames };
  throw new DatasetError(
    `${place}: has no input; give "text", "tokens" (a list of words), "values" (of numbers) or "frames" (of lists of numbers)`,
  );
}

function parseAnswer({ label, target, tags }: Record<string, unknown>, place: string): Partial<LabelledRow> {
  if (isList(tags, isWord)) return { tags };
  const answer = label ?? target;
  if (isWord(answer) || isNumber(answer) || typeof answer === 'boolean') return { label: String(answer) };
  throw new DatasetError(`${place}: has no target; give "label", "target" or "tags" (a list of words)`);
}
