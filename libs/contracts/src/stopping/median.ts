import { z } from 'zod';
import { limits } from '../limits';
import { minimum } from './minimum';
import { pairedTest } from './paired-test';
import type { StoppingRuleDefinition } from './rule';

export const median = {
  rule: 'median',
  description: 'median stops configurations that are worse than the median (Golovin et al. 2017)',
  decides: 'stop',
  options: {
    ...minimum,
    minTrials: {
      schema: z.int().min(1).max(limits.configurations),
      description: 'Configurations that must have reached a rung before it decides.',
      default: 5,
    },
    ...pairedTest,
  },
} as const satisfies StoppingRuleDefinition;
