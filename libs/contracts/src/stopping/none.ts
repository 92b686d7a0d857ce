import { pairedTest } from './paired-test';
import type { StoppingRuleDefinition } from './rule';

export const none = {
  rule: 'none',
  description: 'none trains every configuration to the end',
  decides: 'nothing',
  options: pairedTest,
} as const satisfies StoppingRuleDefinition;
