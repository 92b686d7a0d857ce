import type { MetricDefinition } from './metric';

export const f1 = {
  name: 'validation.f1',
  goal: 'maximize',
  unit: 'fraction',
  range: [0, 1],
  description: 'Macro F1: the harmonic mean of precision and recall, averaged over classes.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
