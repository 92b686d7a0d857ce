import type { MetricDefinition } from './metric';

export const bitsPerToken = {
  name: 'validation.bitsPerToken',
  goal: 'minimize',
  unit: 'bits',
  range: [0, Infinity],
  description: 'Loss per token, in base 2: comparable between trials with the same tokens.',
  per: 'token',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
