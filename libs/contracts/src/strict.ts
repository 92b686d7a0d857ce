import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { ownNames, plain } from './familiar-names';

const letters = (text: string): string => Array.from(text).sort().join('');

/** The edit distance; two swapped letters count as one edit. */
function edits(a: string, b: string): number {
  const count = distance(a, b);
  return count === 2 && a.length === b.length && letters(a) === letters(b) ? 1 : count;
}

/** Most edits by which a word may differ from a candidate of this length. */
const tolerated = (length: number): number => Math.max(1, Math.floor(length / 3));

/**
 * The candidate that another tool calls `word`, or that is nearest to it, ignoring case and punctuation; undefined if none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const own = ownNames(word).flatMap((name) => [name, name.split('.').at(-1)!]);
  const known = own.find((name) => candidates.includes(name));
  if (known !== undefined) return known;
  // Words of a thousand characters would take long to compare with a thousand others.
  const longest = 2 * Math.max(0, ...candidates.map(({ length }) => length)) + 8;
  if (word.length > longest) return undefined;
  const wanted = plain(word);
  let [best, fewest] = [undefined as string | undefined, Infinity];
  for (const candidate of candidates) {
    const other = plain(candidate);
    const most = tolerated(candidate.length);
    if (Math.abs(other.length - wanted.length) > most) continue;
    const count = edits(wanted, other);
    if (count < fewest) [best, fewest] = [candidate, count];
  }
  return best !== undefined && fewest <= tolerated(best.length) ? best : undefined;
}

/** `; did you mean X?`, or an empty string if no candidate is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Unknown keys of one object for which the nearest known one is looked for: nobody reads as many hints. */
const mostHints = 20;

/** An object schema that refuses unknown keys, with one line for each and the nearest known key. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const schema = z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key, place) => `unknown key${place < mostHints ? suggestion(key, Object.keys(shape)) : ''}`)
            .join('\n')
        : undefined,
  });
  // zod treats an unknown key as a lesser error: a union would report only this branch.
  return schema.check(({ issues }) => {
    for (const issue of issues) Object.assign(issue, { continue: false });
  });
}

/** A word as it is quoted in a message. */
const shortened = (word: string): string => (word.length > 60 ? `${word.slice(0, 57)}...` : word);

/** A schema of one of `values`. The message for any other value suggests the nearest; `also`: what else the key may have. */
export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  also?: string,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return z.enum(values, {
    error: (issue) =>
      typeof issue.input === 'string'
        ? `${JSON.stringify(shortened(issue.input))} is not one of ${values.join(', ')}${suggestion(issue.input, values)}`
        : `must be one of ${values.join(', ')}${also === undefined ? '' : ` or ${also}`}`,
  });
}

/** The object that a bare string stands for, with the key that the string sets: `adam` is `{kind: adam}`. */
export interface Shorthand {
  key: string;
  words: readonly string[] | undefined;
  object: z.ZodType;
}

const shorthands = new WeakMap<object, Shorthand>();

/** How `schema` may be written as a bare string; undefined if it may not. */
export function findShorthand(schema: object): Shorthand | undefined {
  return shorthands.get(schema);
}

/**
 * An object schema that accepts a bare string: the string sets `key`, the other keys get their defaults. `words`: the accepted strings;
 * by default, those that the object accepts as `key`.
 */
export function shorthand<Schema extends z.ZodType>(
  key: string,
  words: readonly [string, ...string[]] | undefined,
  object: Schema,
  description: string,
): z.ZodPipe<z.ZodType<unknown>, Schema> {
  const word = words ? oneOf(words) : z.string();
  const either = z.union([word as z.ZodType, object]).transform((value) => {
    return typeof value === 'string' ? { [key]: value } : value;
  });
  // eslint-disable-next-line eslint-core/no-restricted-syntax -- zod cannot know that the union's value fits the object
  const schema = either.pipe(object as never).describe(description) as unknown as z.ZodPipe<z.ZodType<unknown>, Schema>;
  shorthands.set(schema, { key, words, object });
  return schema;
}
