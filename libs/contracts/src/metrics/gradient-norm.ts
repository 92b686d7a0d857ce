import type { MetricDefinition } from './metric';

export const gradientNorm = {
  name: 'train.gradientNorm',
  goal: 'minimize',
  unit: undefined,
  description: 'Gradient norm before clipping, averaged over the updates since the last report.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
