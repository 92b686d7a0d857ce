import type { MetricDefinition } from './metric';

export const weightedQuantileLoss = {
  name: 'validation.weightedQuantileLoss',
  goal: 'minimize',
  unit: undefined,
  range: [0, Infinity],
  description:
    'Mean pinball loss of the quantiles, doubled, over the mean absolute value; of a forecast without quantiles, that of the median.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
