import type { MetricDefinition } from './metric';

export const editDistance = {
  name: 'validation.editDistance',
  goal: 'minimize',
  unit: 'fraction',
  range: [0, Infinity],
  description: 'Edits per token of the target: the character or word error rate.',
  per: 'token',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
