import { z } from 'zod';
import type { StoppingRuleDefinition } from './rule';

export const population = {
  rule: 'population',
  description:
    'population lets the worst copy the weights of the best and continue with other training numbers (Jaderberg et al. 2017)',
  decides: 'exploit',
  options: {
    every: {
      schema: z.int().min(1).max(100_000_000),
      description: 'Updates from one rung to the next, rounded up to a report. Unit: updates.',
      default: 500,
    },
    replaced: {
      schema: z.number().gt(0).max(0.5),
      description: 'Fraction that copies, at a rung, from an equally large fraction of the best.',
      default: 0.2,
    },
    perturbation: {
      schema: z.number().gt(0).lt(1),
      description: 'Fraction by which numbers that are copied grow or shrink.',
      default: 0.2,
    },
  },
} as const satisfies StoppingRuleDefinition;
