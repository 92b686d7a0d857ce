import type { MetricDefinition } from './metric';

export const costParameters = {
  name: 'cost.parameters',
  goal: 'minimize',
  unit: 'weights',
  description: 'Weights of the network.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
