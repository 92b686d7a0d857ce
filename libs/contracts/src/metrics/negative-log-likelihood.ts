import type { MetricDefinition } from './metric';

export const negativeLogLikelihood = {
  name: 'validation.negativeLogLikelihood',
  goal: 'minimize',
  unit: 'nats',
  description: 'Negative log-likelihood per frame, summed over its labels.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
