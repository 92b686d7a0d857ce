import type { MetricDefinition } from './metric';

export const gradientNorm = {
  name: 'train.gradientNorm',
  goal: 'minimize',
  unit: undefined,
  description: 'Norm of the gradient before clipping, mean over the updates since the last report.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
