import type { MetricDefinition } from './metric';

export const costUpdates = {
  name: 'cost.updates',
  goal: 'minimize',
  unit: 'updates',
  description: 'Updates that training took.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
