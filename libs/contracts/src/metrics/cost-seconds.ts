import type { MetricDefinition } from './metric';

export const costSeconds = {
  name: 'cost.seconds',
  goal: 'minimize',
  unit: 's',
  description: 'Duration of training.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
