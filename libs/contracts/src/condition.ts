import { columnName } from './column-name';
import { limits } from './limits';

/**
 * A condition on the rows of a leaderboard: that a parameter or metric equals a value, equals one of several values, or is in a range.
 */
export type Condition =
  | { path: string; equals: string }
  | { path: string; anyOf: readonly string[] }
  | { path: string; low: number | null; high: number | null };

/** A JSON string, a JSON list or object, or anything else up to the next `|`. */
const string = '"(?:[^"\\\\]|\\\\[^])*"';
const value = new RegExp(`\\|(\\s*(?:${string}\\s*|[[{](?:${string}|[^|"])*)(?=\\||$)|[^|]*)`, 'g');

/** Parses the `where` parameter. Returns a message if it is invalid. */
export function parseCondition(text: string): Condition | string {
  const [name = '', ...rest] = text.split(':');
  const wanted = rest.join(':');
  if (!columnName.test(name) || wanted.trim() === '')
    return 'must be PATH:VALUE, PATH:VALUE|VALUE or PATH:LOW..HIGH, as in model.cell:lstm|gru or training.learningRate:1e-4..1e-2';
  // The only character that PostgreSQL cannot store.
  if (wanted.includes('\0')) return 'must not contain the character U+0000';
  const written = [...`|${wanted}`.matchAll(value)].map(([, each]) => each!.trim());
  const range = written.find(isRange);
  if (written.length > 1) return parseSeveral(name, written, range);
  return range === undefined ? { path: name, equals: plain(written[0]!) } : parseRange(name, range);
}

function parseSeveral(name: string, written: readonly string[], range: string | undefined): Condition | string {
  if (written.length > limits.conditionValues)
    return `must name at most ${limits.conditionValues} values, not ${written.length}`;
  if (written.includes(''))
    return 'a value beside | is missing; write "" for an empty value, and "a|b" for a value that contains |';
  if (range !== undefined)
    return `the range ${short(range)} must be a condition of its own; write "a..b" for a value that contains ..`;
  return { path: name, anyOf: written.map(plain) };
}

function parseRange(name: string, range: string): Condition | string {
  const [low, high] = range.split('..').map((end) => (end.trim() === '' ? null : Number(end)));
  if ([low, high].some((end) => Number.isNaN(end)) || (low === null && high === null))
    return `the ends of the range ${short(range)} must be numbers; one may be omitted`;
  return { path: name, low: low!, high: high! };
}

const short = (text: string): string => JSON.stringify(text.slice(0, 40));

const isRange = (written: string): boolean => !/^["[{]/.test(written) && written.split('..').length === 2;

/** A value without its quotes. */
function plain(written: string): string {
  if (!written.startsWith('"')) return written;
  try {
    const read: unknown = JSON.parse(written);
    return typeof read === 'string' && !read.includes('\0') ? read : written;
  } catch {
    return written;
  }
}
