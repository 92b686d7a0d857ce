import { z } from 'zod';
import { minimum } from './minimum';
import { pairedTest } from './paired-test';
import type { StoppingOption, StoppingRuleDefinition } from './rule';

export const reductionFactor = {
  schema: z.number().min(1.5).max(100),
  description: 'One in this many continues at a rung; each rung has this many times the updates of the one before.',
  default: 3,
} as const satisfies StoppingOption;

export const asha = {
  rule: 'asha',
  description: 'asha keeps the best fraction at each rung (Li et al. 2020)',
  decides: 'stop',
  options: { ...minimum, reductionFactor, ...pairedTest },
} as const satisfies StoppingRuleDefinition;
