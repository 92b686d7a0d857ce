import { z } from 'zod';
import { datasetKindDefinitions, datasetKinds, type DatasetKind } from './datasets';
import { columnOptions } from './datasets/columns';
import { at } from './issue-text';
import { oneOf, shorthand, strict } from './strict';

/** A name that is safe as an identifier everywhere: in a path, a URL, a shell. */
export const datasetName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a name has at most 63 lower-case letters, digits, dots, dashes and underscores',
  );

const part = z
  .number()
  .min(0)
  .max(1e9)
  .refine((value) => value < 1 || Number.isInteger(value), 'must be a fraction below 1, or a whole number of rows');

const split = strict({
  validation: part
    .gt(0)
    .default(0.1)
    .describe(
      'Fraction held out for validation: the last part of a text or series, otherwise examples at random. From 1 on, a number: of rows ' +
        'of each series, of examples, of characters or words of a text.',
    ),
  test: part
    .default(0)
    .describe(
      'Fraction, or number, held out for one measurement at the end, which no search sees: the very last part of a text or series.',
    ),
  group: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe(
      'For recordings: those that share this part of their names, counted from 1 between underscores, are held out together. ' +
        '2 is the speaker in 7_ann_0.wav.',
    ),
}).refine(({ validation, test }) => validation >= 1 || test >= 1 || validation + test < 1, {
  path: ['test'],
  error: 'validation and test together must leave data to train on',
});

const fold = strict({
  kind: oneOf(['k-fold', 'forward-chaining']).describe(
    'k-fold: each part is held out once. forward-chaining: training uses what precedes a part, for texts and series.',
  ),
  of: z.int().min(2).max(50).describe('Number of parts.'),
  index: z
    .int()
    .min(0)
    .max(49)
    .optional()
    .describe('Which part is held out, from 0. Default: in a sweep, each in turn: seeds × parts make one row.'),
}).refine(({ of, index = 0 }) => index < of, {
  path: ['index'],
  error: 'must be below "of": parts are counted from 0',
});

/** How the data is read and split, wherever it is stored. */
const reading = {
  split: split.prefault({}).describe('What is held out from training.'),
  splitSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Seed for splitting examples; a text or series is split by time.'),
  fold: fold.optional().describe('Cross-validation: one of several parts is held out instead of split.validation.'),
  ...columnOptions,
  maximumSteps: z.int().min(1).max(1_000_000).default(2000).describe('Longest sequence allowed. Unit: steps.'),
  longer: oneOf(['error', 'cut']).default('error').describe('Longer sequences: an error, or cut off at the end.'),
  centre: z
    .boolean()
    .optional()
    .describe(
      'For recordings: subtract the mean of each band over the recording, so that voice and microphone matter less ' +
        '(Atal 1974). Default: false.',
    ),
};

const generated = {
  steps: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('For generated data sets: steps per sequence. Default: depends on the data set.'),
  sequences: z
    .int()
    .min(10)
    .max(1_000_000)
    .optional()
    .describe(
      'For generated data sets: number of sequences, of at most 10,000,000 steps together. Default: depends on the data set.',
    ),
};

export const registeredDataset = strict({
  name: datasetName.describe('A registered or built-in data set.'),
  ...reading,
  ...generated,
});

/** A data set in a file: only for `unroll train`, which needs no service. */
export const fileDataset = strict({
  path: z
    .string()
    .min(1)
    .describe('The file or folder, relative to the file that names it, or to the working directory.'),
  kind: oneOf(datasetKinds).describe('What it contains.'),
  ...reading,
});

export const dataset = shorthand('name', undefined, registeredDataset, 'The data.');
export type DatasetSpec = z.infer<typeof registeredDataset>;

const defaults = registeredDataset.parse({ name: 'a' });

/** An option of a trial's data set that data of `kind` do not have, by its path, and the kind that has it; undefined for none. */
export function misplacedOption(spec: DatasetSpec, kind: string): { path: string; kind: DatasetKind } | undefined {
  const own: readonly string[] = datasetKinds
    .filter((each) => each === kind)
    .flatMap((each) => [...datasetKindDefinitions[each].options]);
  for (const other of datasetKinds.filter((each) => each !== kind))
    for (const option of datasetKindDefinitions[other].options.filter((each) => !own.includes(each))) {
      const path = option.split('.');
      if (at(spec, path) !== at(defaults, path)) return { path: `dataset.${option}`, kind: other };
    }
  return undefined;
}
