import type { MetricDefinition } from './metric';

export const accuracy = {
  name: 'validation.accuracy',
  goal: 'maximize',
  unit: 'fraction',
  range: [0, 1],
  description: 'Fraction of correct predictions.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
