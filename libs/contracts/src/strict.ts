import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const letters = (text: string): string => Array.from(text).sort().join('');

/** How many letters differ; two that changed places count as one. */
function edits(a: string, b: string): number {
  const count = distance(a, b);
  return count === 2 && a.length === b.length && letters(a) === letters(b) ? 1 : count;
}

/** The nearest of `candidates` to `word`, or undefined where none is near. Case and underscores count for nothing. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(plain(word), plain(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

/** `; did you mean X?`, or nothing where no candidate is near. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** An object that refuses unknown keys, one line for each, with the nearest known key. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const schema = z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key${suggestion(key, Object.keys(shape))}`).join('\n')
        : undefined,
  });
  // To zod an unknown key is a lesser error: a union would report this branch alone, whatever the others say.
  return schema.check(({ issues }) => {
    for (const issue of issues) Object.assign(issue, { continue: false });
  });
}

/** One of `values`, refused with the nearest of them. */
export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return z.enum(values, {
    error: (issue) =>
      typeof issue.input === 'string'
        ? `${JSON.stringify(issue.input)} is not one of ${values.join(', ')}${suggestion(issue.input, values)}`
        : `must be one of ${values.join(', ')}`,
  });
}

/** The object that a bare string stands for, by the key that the string fills: `adam` is `{kind: adam}`. */
export interface Shorthand {
  key: string;
  words: readonly string[] | undefined;
  object: z.ZodType;
}

const shorthands = new WeakMap<object, Shorthand>();

/** How `schema` may be written as a bare string, if it may. */
export function shorthandOf(schema: object): Shorthand | undefined {
  return shorthands.get(schema);
}

/**
 * An object that may be written as a bare string: the string fills `key`, the other keys take their defaults.
 * `words` lists the strings that are accepted; without it the object's own check of `key` decides.
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
  // eslint-disable-next-line no-restricted-syntax -- zod cannot know that the union's value fits the object
  const schema = either.pipe(object as never).describe(description) as unknown as z.ZodPipe<z.ZodType<unknown>, Schema>;
  shorthands.set(schema, { key, words, object });
  return schema;
}
