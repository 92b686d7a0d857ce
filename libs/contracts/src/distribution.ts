import { z } from 'zod';
import { describe } from './issue-text';
import { canonical } from './json';
import { limits } from './limits';
import { oneOf, findShorthand, strict } from './strict';

/** What may replace the value of a leaf. Sampled by libs/search. */
export type Distribution =
  | { choice: unknown[] }
  | { grid: unknown[] }
  | { uniform: [number, number]; step?: number }
  | { logUniform: [number, number]; step?: number }
  | { int: [number, number]; step?: number; log?: boolean }
  | { normal: [number, number] };

export const distributionKeys = ['choice', 'grid', 'uniform', 'logUniform', 'int', 'normal'] as const;

/** Whether `value` is written as a distribution. */
export function isDistribution(value: unknown): value is Distribution {
  return typeof value === 'object' && value !== null && distributionKeys.some((key) => Object.hasOwn(value, key));
}

/** The options of a list; none for a range. */
export const getOptions = (distribution: Distribution): readonly unknown[] =>
  'choice' in distribution ? distribution.choice : 'grid' in distribution ? distribution.grid : [];

/**
 * The distributions of `tree` with their paths, including nested ones: those within the options of a list have paths as if the option stood
 * there.
 */
export function distributions(tree: unknown, path = ''): [path: string, distribution: Distribution][] {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return [];
  if (!isDistribution(tree))
    return Object.entries(tree).flatMap(([key, child]) => distributions(child, path ? `${path}.${key}` : key));
  return [[path, tree], ...getOptions(tree).flatMap((option) => distributions(option, path))];
}

const range = (leaf: z.ZodType, what: string) =>
  z
    .tuple([z.number(), z.number()], { error: 'needs two numbers: [from, to]' })
    .refine(([from, to]) => from < to, { error: 'the first number must be below the second' })
    .refine(([from, to]) => Math.abs(to - from) < Infinity, {
      error: 'the difference of both numbers must be below 1.8e308, the largest number',
    })
    .superRefine((ends, context) => {
      for (const [index, end] of ends.entries()) {
        const issue = leaf.safeParse(end).error?.issues[0];
        if (issue) context.addIssue({ code: 'custom', path: [index], message: describe(issue, end) });
      }
    })
    .describe(what);

const positive = (ends: z.ZodType) =>
  ends.refine((value) => (value as number[]).every((end) => end > 0), {
    error: 'both ends must be above 0 on a log scale',
  });

/** Whether an issue is about the type of a value rather than its range. */
const isOtherType = (issue: z.core.$ZodIssue): boolean =>
  ['invalid_type', 'invalid_value'].includes(issue.code) ||
  (issue.code === 'invalid_union' && issue.errors.every((branch) => branch.some(isOtherType)));

/** Whether both ends of a range are values that steps of `step` reach, but for rounding. */
const fits = ([from, to]: readonly [number, number], step: number): boolean => {
  const steps = (to - from) / step;
  return steps > 0.5 && Math.abs(steps - Math.round(steps)) < 1e-6;
};

/** A range of real numbers, or with `step` of the numbers from its first end on in steps. */
function stepped(key: 'uniform' | 'logUniform', ends: z.ZodType): z.ZodType {
  return strict({
    [key]: ends,
    step: z.number().gt(0).optional().describe('Step between values. Default: none.'),
  }).superRefine((given, context) => {
    const { [key]: bounds, step } = given as Record<string, unknown>;
    if (typeof step === 'number' && !fits(bounds as [number, number], step))
      context.addIssue({ code: 'custom', path: ['step'], message: 'must divide the range into whole steps' });
  });
}

/** Of two equal options, each would be a point of its own, and the same configuration be trained twice. */
function requireDifferent(options: readonly unknown[], context: z.RefinementCtx): void {
  if (options.length > limits.options) return;
  const before = new Set<string>();
  const again = options.findIndex((option) => before.size === before.add(canonical(option)).size);
  if (again >= 0)
    context.addIssue({ code: 'custom', path: [again], message: 'is in the list already; once is enough' });
}

/** The distributions that fit `leaf`: lists for all, ranges for numbers. `option`: the schema of an element of a list. */
function distributionSchemas(leaf: z.ZodType, option: z.ZodType): z.ZodType[] {
  const ranges = rangeSchemas(leaf);
  // A list of plain numbers may contain ranges, such as 0 or a small one; a list of lists would say no more than one list.
  const element = option === leaf && ranges.length > 0 ? z.union([option, ...ranges]) : option;
  const options = z.array(element).min(1).max(limits.options).superRefine(requireDifferent);
  return [
    strict({ choice: options.describe('One of these, all equally likely.') }),
    strict({ grid: options.describe('Each of these, equally often.') }),
    ...ranges,
  ];
}

function rangeSchemas(leaf: z.ZodType): z.ZodType[] {
  const takes = (value: unknown): boolean => !leaf.safeParse(value).error?.issues.some(isOtherType);
  if (!takes(1)) return [];
  const whole = strict({
    int: range(leaf, 'A whole number, both ends included.'),
    step: z.int().min(1).optional().describe('Step between values.'),
    log: z.boolean().optional().describe('Sample on a log scale.'),
  })
    .refine(({ int }) => (int as number[]).every(Number.isInteger), {
      path: ['int'],
      error: 'both ends must be whole numbers',
    })
    // Beyond 2^53, a number of 64 bits is not every whole number. An infinite width has a message of its own.
    .refine(
      ({ int: [from, to] }) => Math.max(Math.abs(from), Math.abs(to)) <= 2 ** 53 || Math.abs(to - from) === Infinity,
      {
        path: ['int'],
        error: 'both ends must be within ±2^53, up to which whole numbers are exact',
      },
    )
    .refine(({ int, log }) => !log || (int as number[]).every((end) => end > 0), {
      path: ['int'],
      error: 'both ends must be above 0 on a log scale',
    })
    .refine(({ log, step }) => !log || step === undefined, {
      path: ['step'],
      error: 'log and step exclude each other',
    })
    .superRefine(({ int, step = 1 }, context) => {
      const [from, to] = int;
      if (step > to - from)
        context.addIssue({
          code: 'custom',
          path: ['step'],
          message: `must be at most ${to - from}, the width of the range`,
        });
    });
  if (!takes(1.5)) return [whole];
  return [
    stepped('uniform', range(leaf, 'A number, uniformly between both ends.')),
    stepped('logUniform', positive(range(leaf, 'A number, uniformly on a log scale between both ends.'))),
    whole,
    strict({
      normal: z
        .tuple([z.number(), z.number().gt(0)], { error: 'needs two numbers: [mean, standard deviation above 0]' })
        .describe('A normally distributed number, sampled again while the key does not allow it.'),
    }),
  ];
}

/**
 * The schema of a sweep from the schema of a trial: any leaf may be a distribution, and a `choice` or `grid` may contain
 * objects whose own leaves may be distributions. Defaults are left to the trial.
 */
export function searchable(schema: z.ZodType): z.ZodType {
  const described = (result: z.ZodType): z.ZodType =>
    schema.description ? result.describe(schema.description) : result;
  const short = findShorthand(schema);
  if (short) {
    const body = short.object instanceof z.ZodObject ? searchableObject(short.object) : searchable(short.object);
    const { shape } = short.object as z.ZodObject;
    const word = short.words ? oneOf(short.words as [string, ...string[]]) : (shape[short.key] as z.ZodType);
    return described(z.union([word, body, ...distributionSchemas(schema, z.union([word, body]))]));
  }
  if (schema instanceof z.ZodOptional) return described(searchable(schema.def.innerType as z.ZodType).optional());
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return described(searchable(schema.def.innerType as z.ZodType).optional());
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const bodies = (schema.options as z.ZodObject[]).map((option) => searchableObject(option));
    // eslint-disable-next-line eslint-core/no-restricted-syntax -- zod types a list of options built at run time as an empty one
    return described(z.discriminatedUnion('kind', bodies as never));
  }
  if (schema instanceof z.ZodUnion) {
    const bodies = (schema.options as z.ZodType[]).map((option) => {
      if (option instanceof z.ZodRecord) return searchableRecord(option);
      return option instanceof z.ZodObject ? searchableObject(option) : option;
    });
    const either = z.union(bodies);
    return described(z.union([...bodies, ...distributionSchemas(schema, either)]));
  }
  if (schema instanceof z.ZodObject) {
    const body = searchableObject(schema);
    return described(z.union([body, ...distributionSchemas(schema, body)]));
  }
  if (schema instanceof z.ZodLiteral) return schema;
  return described(z.union([schema, ...distributionSchemas(schema, schema)]));
}

/** A record of which each value may be a distribution. What it requires of its keys holds here too. */
const searchableRecord = (schema: z.ZodRecord): z.ZodType =>
  schema.clone({ ...schema.def, valueType: searchable(schema.def.valueType as z.ZodType) });

function searchableObject(schema: z.ZodObject): z.ZodObject {
  return strict(searchableShape(schema.shape as Record<string, z.ZodType>));
}

/** `shape` with each of its schemas searchable. Made when first read: it takes longer than loading the rest of this library. */
export function searchableShape<Key extends string>(shape: Readonly<Record<Key, z.ZodType>>): Record<Key, z.ZodType> {
  const result = {} as Record<Key, z.ZodType>;
  for (const key of Object.keys(shape) as Key[]) {
    let made: z.ZodType | undefined;
    Object.defineProperty(result, key, { enumerable: true, get: () => (made ??= searchable(shape[key])) });
  }
  return result;
}

/** The distributions that may replace a value of any kind. */
const anyDistribution = z.union(distributionSchemas(z.any(), z.any()) as [z.ZodType, ...z.ZodType[]]);

/** What is wrong with the distributions anywhere in a tree of plain values, each with its path. */
export function distributionIssues(node: unknown, path: readonly string[] = []): { path: string[]; message: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  if (!isDistribution(node))
    return Object.entries(node).flatMap(([key, child]) => distributionIssues(child, [...path, key]));
  const key = distributionKeys.find((each) => Object.hasOwn(node, each))!;
  const { error } = anyDistribution.safeParse(node);
  if (error) {
    const all = error.issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors : [[issue]]));
    // The branch of the distribution that is written: the one that does not miss its key.
    const own = all.find((issues) =>
      issues.every((issue) => issue.code !== 'unrecognized_keys' || !issue.keys.includes(key)),
    );
    return (own ?? all[0]!).map((issue) => ({
      path: [...path, ...issue.path.map(String)],
      message: describe(issue, node),
    }));
  }
  return getOptions(node).flatMap((option, index) => distributionIssues(option, [...path, key, String(index)]));
}
