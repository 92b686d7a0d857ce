import type { StoppingRuleDefinition } from './rule';

export const none = {
  rule: 'none',
  description: 'none trains every configuration to the end',
  decides: 'nothing',
  options: {},
} as const satisfies StoppingRuleDefinition;
