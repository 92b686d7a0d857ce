import { z } from 'zod';
import { findShorthand } from './strict';
import { trialShape } from './trial-spec';

/** An option of a trial, by its path, with values that differ from leaving it out. */
export interface TrialOption {
  path: string;
  values: readonly unknown[];
}

/** Values for options that the schema cannot give an example of, by path: texts, and lists of texts. */
export type OptionExamples = Readonly<Record<string, readonly unknown[]>>;

/**
 * Every option of a trial, read from the schema: all words of a list, both sides of a switch, each form of an object with and without its
 * options, and of a number another than its default. An option of several tasks is one. `values` is empty for an option that only an
 * example can give a value.
 */
export function trialOptions(examples: OptionExamples = {}): TrialOption[] {
  const found = new Map<string, unknown[]>();
  for (const [section, schema] of Object.entries(trialShape))
    for (const { path, values } of optionsOf(section, schema)) {
      const known = found.get(path) ?? [...(examples[path] ?? [])];
      found.set(path, [...known, ...values.filter((value) => !known.some((other) => isSame(value, other)))]);
    }
  return [...found].map(([path, values]) => ({ path, values }));
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

interface Plain {
  inner: z.ZodType;
  standard: unknown;
  /** Whether the key may be left out, without a default. */
  isOptional: boolean;
}

/** A schema without what wraps it. */
function plain(schema: z.ZodType, standard?: unknown, isOptional = false): Plain {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return plain(schema.def.innerType as z.ZodType, schema.def.defaultValue, isOptional);
  if (schema instanceof z.ZodOptional) return plain(schema.def.innerType as z.ZodType, standard, true);
  const object = findShorthand(schema)?.object;
  if (object) return plain(object, standard, isOptional);
  if (schema instanceof z.ZodPipe) return plain(schema.def.in as z.ZodType, standard, isOptional);
  return { inner: schema, standard, isOptional };
}

function optionsOf(path: string, schema: z.ZodType): TrialOption[] {
  const { inner, standard, isOptional } = plain(schema);
  const inside = (object: z.ZodObject): TrialOption[] =>
    Object.entries(object.shape).flatMap(([key, child]) => optionsOf(`${path}.${key}`, child as z.ZodType));
  // A section: its keys are options. Of a trial's task, those of every kind.
  if (inner instanceof z.ZodObject && !isOptional) return inside(inner);
  if (path === 'task' && inner instanceof z.ZodDiscriminatedUnion)
    return (inner.options as z.ZodObject[]).flatMap(inside);
  const values = valuesOf(inner, standard).filter((value) => !isSame(value, standard));
  return [{ path, values }];
}

/** Values that a schema accepts, the preferred ones first; `standard` is its default, for numbers near it. */
function valuesOf(schema: z.ZodType, standard?: unknown): unknown[] {
  const { inner } = plain(schema);
  if (inner instanceof z.ZodBoolean) return [false, true];
  if (inner instanceof z.ZodEnum) return inner.options;
  if (inner instanceof z.ZodLiteral) return [inner.value];
  if (inner instanceof z.ZodNumber) return numbersOf(inner, standard).slice(0, 1);
  if (inner instanceof z.ZodNullable) return [null, ...valuesOf(inner.def.innerType as z.ZodType, standard)];
  if (inner instanceof z.ZodDiscriminatedUnion || inner instanceof z.ZodUnion)
    return (inner.options as z.ZodType[]).flatMap((option) => valuesOf(option, standard));
  if (inner instanceof z.ZodObject) return objectsOf(inner);
  return [];
}

/** Numbers that a schema accepts, beside its default. */
function numbersOf(schema: z.ZodType, standard: unknown): number[] {
  const near = typeof standard === 'number' && standard !== 0 ? [standard / 2, standard * 2] : [];
  return [...near, 0.25, 2, 4, 1, 0].filter((value) => value !== standard && schema.safeParse(value).success);
}

/** Forms of an object: with what it needs and each word of its lists, and with all of its options. */
function objectsOf(object: z.ZodObject): unknown[] {
  const keys = Object.entries(object.shape).map(([key, child]) => ({
    key,
    ...plain(child as z.ZodType),
    isNeeded: !(child as z.ZodType).safeParse(undefined).success,
  }));
  const choices = keys.map(({ key, inner, standard, isNeeded }) => {
    const values = inner instanceof z.ZodNumber ? numbersOf(inner, standard) : valuesOf(inner, standard);
    return {
      key,
      isNeeded,
      isWord: inner instanceof z.ZodEnum,
      values: values.filter((each) => !isSame(each, standard)),
    };
  });
  const complete = (given: Record<string, unknown>, wanted: typeof choices): unknown[] =>
    products(wanted.filter(({ key }) => !(key in given)))
      .map((values) => ({ ...given, ...values }))
      .filter((value) => object.safeParse(value).success)
      .slice(0, 1);
  const needed = choices.filter(({ isNeeded }) => isNeeded);
  return [
    ...complete({}, needed),
    ...choices
      .filter(({ isWord }) => isWord)
      .flatMap(({ key, values }) => values.flatMap((value) => complete({ [key]: value }, needed))),
    ...complete({}, choices),
  ].filter((value, place, all) => all.findIndex((other) => isSame(other, value)) === place);
}

/** Every combination of values by key; those without equal numbers first, which say more. */
function products(
  choices: readonly { key: string; values: readonly unknown[] }[],
  mostTried = 64,
): Record<string, unknown>[] {
  let all: Record<string, unknown>[] = [{}];
  for (const { key, values } of choices)
    all = all.flatMap((before) => values.map((value) => ({ ...before, [key]: value }))).slice(0, mostTried);
  const repeats = (values: Record<string, unknown>): number => {
    const numbers = Object.values(values).filter((value) => typeof value === 'number');
    return numbers.length - new Set(numbers).size;
  };
  return all.sort((a, b) => repeats(a) - repeats(b));
}
