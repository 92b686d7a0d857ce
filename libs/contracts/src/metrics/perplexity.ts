import type { MetricDefinition } from './metric';

export const perplexity = {
  name: 'validation.perplexity',
  goal: 'minimize',
  unit: undefined,
  description: 'Exponential of the loss per token.',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
