import { z } from 'zod';
import { reductionFactor } from './asha';
import { minimum } from './minimum';
import { pairedTest } from './paired-test';
import type { StoppingRuleDefinition } from './rule';

export const hyperband = {
  rule: 'hyperband',
  description: 'hyperband does the same in brackets, some of which start deciding later (Li et al. 2018)',
  decides: 'stop',
  options: {
    ...minimum,
    reductionFactor,
    brackets: { schema: z.int().min(1).max(10), description: 'Number of brackets.', default: 3 },
    ...pairedTest,
  },
} as const satisfies StoppingRuleDefinition;
