import { outsideTexts, parseJson, ValidationError } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { linesOf } from './lines';

/** An object of a JSON Lines file. */
export interface JsonLine {
  row: Record<string, unknown>;
  /** Its place in the file, for messages. */
  place: string;
}

/** Whether a text looks like JSON lines, or like a JSON list of objects. */
export const isJsonLines = (text: string): boolean => /^\s*(\[\s*)?\{/.test(text);

/** The same of a text that may as well be one that only begins with a brace, as code and LaTeX do. */
export const isMeantAsJson = (text: string): boolean => /^\s*(\[\s*)?\{\s*(["'}]|$)/.test(text);

/** Integers that may be beyond 2^53; not those with a fraction or a power, which are no names. */
const longIntegers = String.raw`(?<![\d.eE+-])-?\d{16,}(?![\d.eE])`;
const longInteger = new RegExp(longIntegers);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A value with the digits of its integers beyond 2^53, but not of those in lists, which are numbers for a network. */
function withDigits(value: unknown, digits: unknown): unknown {
  if (!isObject(value) || !isObject(digits)) return value;
  if (Array.isArray(value) && !value.some(isObject)) return value;
  if (Array.isArray(value)) return value.map((each, index) => withDigits(each, digits[index]));
  const exact = (each: unknown, own: unknown): unknown =>
    typeof each === 'number' && typeof own === 'string' ? own : withDigits(each, own);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exact(each, digits[key])]));
}

/**
 * JSON whose integers beyond 2^53 are texts of their digits, as those of tables with types are: as numbers, two identifiers next to each
 * other would become one.
 * @throws SyntaxError for a text that is no JSON
 * @throws ValidationError if an object has a key twice
 */
export function parseExactly(text: string): unknown {
  const plain = parseJson(text);
  if (!longInteger.test(text)) return plain;
  const digits = JSON.parse(
    outsideTexts(text, longIntegers, (found) => (Number.isSafeInteger(Number(found)) ? found : `"${found}"`)),
  ) as unknown;
  return withDigits(plain, digits);
}

/** Parses JSON lines, or a JSON list; empty lines are skipped. @throws DatasetError for an invalid line or item, with its number */
export function parseJsonLines(text: string): JsonLine[] {
  if (/^\s*\[/.test(text)) return parseList(text);
  return linesOf(text).flatMap((each, index): JsonLine[] => {
    if (each.trim() === '') return [];
    const place = `line ${index + 1}`;
    try {
      return [{ row: Object(parseExactly(each)) as Record<string, unknown>, place }];
    } catch (error) {
      if (error instanceof ValidationError) throw new DatasetError(`${place}: ${error.message}`);
      throw new DatasetError(`${place}: not valid JSON; a JSON Lines file has one object per line`);
    }
  });
}

function parseList(text: string): JsonLine[] {
  try {
    const items = parseExactly(text) as unknown[];
    return items.map((item, index) => ({ row: Object(item) as Record<string, unknown>, place: `item ${index + 1}` }));
  } catch (error) {
    const { message } = error as Error;
    throw new DatasetError(error instanceof ValidationError ? message : `not valid JSON: ${message}`);
  }
}

export const isList = <Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] =>
  Array.isArray(value) && value.every(isItem);
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isWord = (value: unknown): value is string => typeof value === 'string';
