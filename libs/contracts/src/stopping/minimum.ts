import { z } from 'zod';
import type { StoppingOption } from './rule';

/** When a rule that stops configurations decides for the first time, in one of three units. */
export const minimum = {
  minUpdates: {
    schema: z.int().min(1).max(100_000_000),
    description: 'Updates before the first decision, rounded up to the next report. Unit: updates.',
    default: 100,
    counts: 'updates',
  },
  minEpochs: {
    schema: z.number().gt(0).max(1_000_000),
    description: 'The same in passes over the data, for batch sizes that differ. Unit: epochs.',
    counts: 'epochs',
  },
  minTokens: {
    schema: z.int().min(1).max(1e15),
    description: 'The same in tokens read, for a task that reads a stream of them. Unit: tokens.',
    counts: 'tokens',
  },
} as const satisfies Record<string, StoppingOption>;
