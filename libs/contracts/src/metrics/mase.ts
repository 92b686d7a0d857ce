import type { MetricDefinition } from './metric';

export const mase = {
  name: 'validation.mase',
  goal: 'minimize',
  unit: undefined,
  range: [0, Infinity],
  description:
    'Mean absolute scaled error (Hyndman & Koehler 2006): relative to the (seasonal) naive forecast in the training part; mean over series.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
