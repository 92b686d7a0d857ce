import type { MetricDefinition } from './metric';

export const perplexity = {
  name: 'validation.perplexity',
  goal: 'minimize',
  unit: undefined,
  range: [1, Infinity],
  description: 'Exponential of the loss per token: comparable between trials with the same tokens.',
  per: 'token',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
