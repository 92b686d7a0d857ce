import type { MetricDefinition } from './metric';

export const nodeAccuracy = {
  name: 'validation.nodeAccuracy',
  goal: 'maximize',
  unit: 'fraction',
  range: [0, 1],
  description: 'Fraction of tree nodes whose class is predicted correctly.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
