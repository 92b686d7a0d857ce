import type { MetricDefinition } from './metric';

export const accuracy = {
  name: 'validation.accuracy',
  goal: 'maximize',
  unit: 'fraction',
  description: 'Fraction of correct predictions.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
