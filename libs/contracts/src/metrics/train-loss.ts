import type { MetricDefinition } from './metric';

export const trainLoss = {
  name: 'train.loss',
  goal: 'minimize',
  unit: undefined,
  description: 'Training loss without penalties, averaged over the updates since the last report.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
