import type { MetricDefinition } from './metric';

/** The value that the caller of a study tells; no task measures it. */
export const toldValue = {
  name: 'value',
  goal: 'minimize',
  unit: undefined,
  description: 'What the caller of a study tells.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
