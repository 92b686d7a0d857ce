import { z } from 'zod';
import type { StoppingOption } from './rule';

/** The paired test of a configuration's seeds, which goes with every rule that does not exploit. */
export const pairedTest = {
  pThreshold: {
    schema: z.number().min(0).max(0.5),
    description:
      'p-value of a one-sided Wilcoxon signed-rank test below which a configuration trains no further seeds, because it is worse than ' +
      'the best one on the same seeds; over folds, of the corrected resampled t-test. Needs several trainings of each configuration ' +
      '(search.repeats, search.seeds or folds). 0: no test; 0.1 is usual.',
    default: 0,
  },
} as const satisfies Record<string, StoppingOption>;
