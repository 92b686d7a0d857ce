import type { MetricDefinition } from './metric';

export const smape = {
  name: 'validation.smape',
  goal: 'minimize',
  unit: '%',
  range: [0, Infinity],
  description:
    'Symmetric mean absolute percentage error, as the M4 competition defines it: the mean of 200 |y − f| / (|y| + |f|).',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
