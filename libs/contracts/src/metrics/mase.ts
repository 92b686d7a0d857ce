import type { MetricDefinition } from './metric';

export const mase = {
  name: 'validation.mase',
  goal: 'minimize',
  unit: undefined,
  range: [0, Infinity],
  description:
    'Mean absolute scaled error (Hyndman & Koehler 2006): relative to the (seasonal) naive forecast of the earlier rows of its series; mean over windows.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
