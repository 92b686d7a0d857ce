import type { MetricDefinition } from './metric';

export const crps = {
  name: 'validation.crps',
  goal: 'minimize',
  unit: 'unit of the data',
  range: [0, Infinity],
  description:
    'Continuous ranked probability score of a distribution, by samples (the fair score, Ferro 2014); of a certain forecast, its absolute error.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
