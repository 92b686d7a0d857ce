import { z } from 'zod';
import type { StoppingRuleDefinition } from './rule';

export const population = {
  rule: 'population',
  description:
    'population replaces the worst by copies of the best with perturbed hyperparameters (Jaderberg et al. 2017)',
  decides: 'exploit',
  options: {
    every: {
      schema: z.int().min(1).max(100_000_000),
      description: 'Updates from one rung to the next, rounded up to a report. Unit: updates.',
      default: 500,
    },
    replaced: {
      schema: z.number().gt(0).max(0.5),
      description: 'Fraction replaced at a rung, by copies of an equally large fraction of the best.',
      default: 0.2,
    },
    perturbation: {
      schema: z.number().gt(0).lt(1),
      description: 'Fraction by which copied numbers grow or shrink.',
      default: 0.2,
    },
  },
} as const satisfies StoppingRuleDefinition;
