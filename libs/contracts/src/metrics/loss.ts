import type { MetricDefinition } from './metric';

export const loss = {
  name: 'validation.loss',
  goal: 'minimize',
  unit: undefined,
  description: 'Mean loss on held-out data.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
