import { z } from 'zod';
import { renameKeys } from './renamed-keys';
import { strict } from './strict';
import { trialSpec, type TrialSpec } from './trial-spec';

const scaling = strict({
  shift: z.array(z.number()).max(65_536).describe('Subtracted from each column.'),
  scale: z.array(z.number().gt(0)).max(65_536).describe('Divides each column, after the shift.'),
});
const symbols = z.array(z.string()).max(65_536);

/**
 * What was fitted to the data of a training: all that is needed to read other data exactly alike. Which of it is there depends on the task
 * and on what its data hold.
 */
export const dataReading = strict({
  inputVocabulary: symbols.optional().describe('Symbol of each token that is read; absent where vectors are read.'),
  targetVocabulary: symbols.optional().describe('Names of classes, tags, labels, or of tokens that are written.'),
  columns: z.array(z.string()).max(65_536).optional().describe('Names of the columns that are read, of a series.'),
  inputWidth: z.int().min(1).optional().describe('Numbers of a step; absent where tokens are read.'),
  inputScaling: scaling.optional().describe('How the numbers that are read were scaled.'),
  targetWidth: z.int().min(1).optional().describe('Numbers that are answered; absent where none are.'),
  longestTarget: z.int().min(1).optional().describe('Tokens of the longest sequence that was written.'),
  targetScaling: scaling.optional().describe('How the numbers that are answered were scaled.'),
});
export type DataReading = z.infer<typeof dataReading>;

/** How large a model's file was made smaller. */
const compression = strict({
  prune: z.number().min(0).lt(1).optional().describe('Part of the weights of each kind of matrix that was set to 0.'),
  int8: z.boolean().optional().describe('Whether matrices are stored as whole numbers of 8 bits.'),
});

/** The version of the header that is written. A reader refuses later ones. */
export const modelVersion = 1;

/** What a model's file says of its weights. */
export const modelHeader = strict({
  version: z.literal(modelVersion, {
    error: (issue) => `is ${JSON.stringify(issue.input)}, and this Unroll reads version ${modelVersion}: update it`,
  }),
  // A file of version 0.1.0 has keys by their old names.
  spec: z.preprocess((spec) => renameKeys(spec).document, trialSpec),
  reading: dataReading,
  fingerprint: z.string().describe('Of the data that it was trained on.'),
  update: z.int().min(0).describe('The update whose weights these are.'),
  metrics: z.record(z.string(), z.number()).describe('What was measured at that update.'),
  trial: z.string().optional().describe('The trial, where it was one of a sweep.'),
  compression: compression.optional(),
});
export type ModelHeader = Omit<z.infer<typeof modelHeader>, 'spec'> & { spec: TrialSpec };
