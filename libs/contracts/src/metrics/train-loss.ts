import type { MetricDefinition } from './metric';

export const trainLoss = {
  name: 'train.loss',
  goal: 'minimize',
  unit: undefined,
  description: 'Loss, mean over the updates since the last report, without penalties.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
