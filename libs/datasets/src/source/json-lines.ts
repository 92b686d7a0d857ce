import { DatasetError } from '../prepared/data';

/** An object on a line of its own. */
export interface JsonLine {
  row: Record<string, unknown>;
  /** Where it stands, for messages. */
  place: string;
}

/** Whether a text may be JSON lines. */
export const isJsonLines = (text: string): boolean => /^\s*\{/.test(text);

/** The objects of JSON lines; empty lines are left out. @throws DatasetError for a line that is none, naming it */
export function jsonLinesOf(text: string): JsonLine[] {
  return text.split('\n').flatMap((each, index): JsonLine[] => {
    if (each.trim() === '') return [];
    const place = `line ${index + 1}`;
    try {
      return [{ row: Object(JSON.parse(each)) as Record<string, unknown>, place }];
    } catch {
      throw new DatasetError(`${place}: not valid JSON; a file of JSON lines has one object on each line`);
    }
  });
}

export const isList = <Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] =>
  Array.isArray(value) && value.every(isItem);
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isWord = (value: unknown): value is string => typeof value === 'string';
