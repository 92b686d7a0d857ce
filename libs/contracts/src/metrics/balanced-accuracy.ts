import type { MetricDefinition } from './metric';

export const balancedAccuracy = {
  name: 'validation.balancedAccuracy',
  goal: 'maximize',
  unit: 'fraction',
  range: [0, 1],
  description: 'Recall averaged over classes, so that a rare class counts as much as a frequent one.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
