import { z } from 'zod';
import { renameKeys } from './renamed-keys';
import { strict } from './strict';
import { trialSpec, type TrialSpec } from './trial-spec';

const scaling = strict({
  shift: z.array(z.number()).max(65_536).describe('Subtracted from each column.'),
  scale: z.array(z.number().gt(0)).max(65_536).describe('Divides each column, after the shift.'),
});
const symbols = z.array(z.string()).max(65_536);
/** Two subwords and a space between them. */
const merges = z.array(z.string().regex(/^\S+ \S+$/)).max(65_536);

/**
 * What was fitted to the training data: everything needed to read other data in exactly the same way. Which keys are present depends on
 * the task and the data.
 */
export const dataReading = strict({
  inputVocabulary: symbols.optional().describe('Symbol of each input token; absent for vector inputs.'),
  inputMerges: merges
    .optional()
    .describe('The merges of the input tokens, in order; absent where they are no subwords.'),
  inputAdded: symbols
    .optional()
    .describe(
      'Tokens that a text is cut at before its subwords are sought, such as <|endoftext|>; absent where there are none.',
    ),
  targetVocabulary: symbols.optional().describe('Names of classes, tags, labels or output tokens.'),
  targetMerges: merges
    .optional()
    .describe('The merges of the output tokens, in order; absent where they are no subwords.'),
  columns: z.array(z.string()).max(65_536).optional().describe('Names of the input columns of a series.'),
  categories: z.record(z.string(), symbols).optional().describe('The categories of each column that has some.'),
  calendar: z.array(z.string()).optional().describe('The calendar features of a series.'),
  reference: z
    .enum(['none', 'last'])
    .optional()
    .describe('What forecasts of a series are added to, where task.reference is auto.'),
  transform: z
    .enum(['none', 'log'])
    .optional()
    .describe('What is learned of the targets of a series, where task.transform is auto.'),
  timeFormat: z
    .string()
    .optional()
    .describe('How the times of a series were written, for those that may be read in two ways.'),
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('The decimal mark of the numbers of a series, or of the targets of a regression.'),
  textColumn: z
    .string()
    .optional()
    .describe('The column of a table that the texts, or the sources of pairs, were read from.'),
  sampleRate: z.int().min(1).optional().describe('Samples per second of recordings, as they are read. Unit: Hz.'),
  inputWidth: z.int().min(1).optional().describe('Numbers per step; absent for token inputs.'),
  inputScaling: scaling.optional().describe('Scaling of numeric inputs.'),
  targetWidth: z.int().min(1).optional().describe('Numbers per target; absent for other targets.'),
  longestTarget: z.int().min(1).optional().describe('Length of the longest target sequence. Unit: tokens.'),
  targetScaling: scaling.optional().describe('Scaling of numeric targets.'),
});
export type DataReading = z.infer<typeof dataReading>;

/** How a model's file was compressed. */
const compression = strict({
  prune: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .describe('Fraction of the weights of each kind of matrix that was set to 0.'),
  int8: z.boolean().optional().describe('Whether matrices are stored as 8-bit integers.'),
});

/** The version of the header as written. Readers refuse later ones. */
export const modelVersion = 1;

/** The header of a model's file, which describes its weights. */
export const modelHeader = strict({
  version: z.literal(modelVersion, {
    error: (issue) => `is ${JSON.stringify(issue.input)}, but this Unroll reads version ${modelVersion}: update Unroll`,
  }),
  // Files of version 0.1.0 have the old names of keys.
  spec: z.preprocess((spec) => renameKeys(spec).document, trialSpec),
  reading: dataReading,
  fingerprint: z.string().describe('Fingerprint of the training data.'),
  update: z.int().min(0).describe('The update at which the model had these weights.'),
  metrics: z.record(z.string(), z.number()).describe('Metrics at that update.'),
  trial: z.string().optional().describe('The trial, if it belonged to a sweep.'),
  compression: compression.optional(),
  trainedOnAll: z
    .literal(true)
    .optional()
    .describe(
      'It was trained on all of its data, whatever `spec` says of held-out parts: none are left to measure it on.',
    ),
});
export type ModelHeader = Omit<z.infer<typeof modelHeader>, 'spec'> & { spec: TrialSpec };
