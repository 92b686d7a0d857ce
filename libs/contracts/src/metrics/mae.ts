import type { MetricDefinition } from './metric';

export const mae = {
  name: 'validation.mae',
  goal: 'minimize',
  unit: 'unit of the data',
  range: [0, Infinity],
  description: 'Mean absolute error.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
