import { z } from 'zod';
import { oneOf, shorthand, strict } from './strict';

/** A name that is safe as an identifier everywhere: in a path, a URL, a shell. */
export const datasetName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    'a name has lower-case letters, digits, dots, dashes and underscores, at most 63',
  );

/** What a data set's bytes hold. */
export const datasetKinds = ['text', 'series', 'labelled', 'pairs', 'frames', 'audio'] as const;
export type DatasetKind = (typeof datasetKinds)[number];

const part = z.number().min(0).lt(1);

const split = strict({
  validation: part
    .gt(0)
    .default(0.1)
    .describe('Part held out for validation: the last of a text or series, else shuffled.'),
  test: part.default(0).describe('Part held out for one measurement at the end, never searched on: the very last.'),
  group: z
    .int()
    .min(1)
    .max(20)
    .optional()
    .describe(
      'Of recordings: those whose names share this part, counted between underscores from 1, are held out together. 2 is the speaker of 7_ann_0.wav.',
    ),
}).refine(({ validation, test }) => validation + test < 1, {
  path: ['test'],
  error: 'validation and test together must leave something to learn from',
});

const fold = strict({
  kind: oneOf(['k-fold', 'forward-chaining']).describe(
    'k-fold: each part is held out once. forward-chaining: what comes before a part is learned from, for text and series.',
  ),
  of: z.int().min(2).max(50).describe('Parts.'),
  index: z.int().min(0).max(49).describe('Which part is held out, from 0.'),
}).refine(({ of, index }) => index < of, { path: ['index'], error: 'must be below "of": parts count from 0' });

/** How the data is read and split, wherever it lies. */
const reading = {
  split: split.prefault({}).describe('What is held out.'),
  splitSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .describe('Seed of the split of examples; a text or series is split by time.'),
  fold: fold.optional().describe('Cross-validation: one part of several is held out instead of split.validation.'),
  missing: oneOf(['error', 'drop', 'previous', 'interpolate'])
    .default('error')
    .describe(
      'Missing values of a series: an error, rows left out, the value before, or on the line between neighbours.',
    ),
  maximumSteps: z.int().min(1).max(1_000_000).default(2000).describe('Longest sequence.'),
  longer: oneOf(['error', 'cut'])
    .default('error')
    .describe('Sequences that are longer: an error, or cut at their end.'),
  centre: z
    .boolean()
    .optional()
    .describe(
      'Of recordings: take the mean of each band over a recording from it, so that voice and microphone count less (Atal 1974). Default: false.',
    ),
};

const generated = {
  steps: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Steps of a sequence, of generated data sets. Default: by the data set.'),
  sequences: z
    .int()
    .min(10)
    .max(1_000_000)
    .optional()
    .describe('Sequences, of generated data sets. Default: by the data set.'),
};

export const registeredDataset = strict({
  name: datasetName.describe('A registered data set, or a built-in one.'),
  ...reading,
  ...generated,
});

/** A data set that lies in a file: for `unroll train` alone, where no service knows names. */
export const fileDataset = strict({
  path: z
    .string()
    .min(1)
    .describe('The file or folder, relative to the file that names it, or to where the command runs.'),
  kind: oneOf(datasetKinds).describe('What it holds.'),
  ...reading,
});

export const dataset = shorthand('name', undefined, registeredDataset, 'What is learned from.');
export type DatasetSpec = z.infer<typeof registeredDataset>;
