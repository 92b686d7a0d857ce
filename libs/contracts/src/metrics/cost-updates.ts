import type { MetricDefinition } from './metric';

export const costUpdates = {
  name: 'cost.updates',
  goal: 'minimize',
  unit: 'updates',
  description: 'Number of updates of training.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
