import { z } from 'zod';
import { minimum } from './minimum';
import { pairedTest } from './paired-test';
import type { StoppingRuleDefinition } from './rule';

export const plateau = {
  rule: 'plateau',
  description: 'plateau stops configurations that no longer improve',
  decides: 'stop',
  options: {
    ...minimum,
    patience: {
      schema: z.int().min(1).max(100_000),
      description: 'Reports without an improvement before it stops.',
      default: 5,
    },
    minDelta: { schema: z.number().min(0), description: 'Smallest change that counts as an improvement.', default: 0 },
    ...pairedTest,
  },
} as const satisfies StoppingRuleDefinition;
