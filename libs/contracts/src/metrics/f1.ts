import type { MetricDefinition } from './metric';

export const f1 = {
  name: 'validation.f1',
  goal: 'maximize',
  unit: 'fraction',
  description: 'Mean over classes of the harmonic mean of precision and recall.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
