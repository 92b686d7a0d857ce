import type { MetricDefinition } from './metric';

export const costParameters = {
  name: 'cost.parameters',
  goal: 'minimize',
  unit: 'weights',
  description: 'Number of weights of the network.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
