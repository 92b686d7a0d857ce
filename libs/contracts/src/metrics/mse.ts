import type { MetricDefinition } from './metric';

export const mse = {
  name: 'validation.mse',
  goal: 'minimize',
  unit: 'squared unit of the data',
  range: [0, Infinity],
  description: 'Mean squared error.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
