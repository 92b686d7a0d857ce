import type { MetricDefinition } from './metric';

export const costSeconds = {
  name: 'cost.seconds',
  goal: 'minimize',
  unit: 's',
  description: 'Seconds that training took.',
  isOfEveryTask: true,
} as const satisfies MetricDefinition;
