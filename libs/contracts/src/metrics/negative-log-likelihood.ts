import type { MetricDefinition } from './metric';

export const negativeLogLikelihood = {
  name: 'validation.negativeLogLikelihood',
  goal: 'minimize',
  unit: 'nats',
  description: 'Negative log likelihood of a frame, all of its labels together.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
