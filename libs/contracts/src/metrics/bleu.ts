import type { MetricDefinition } from './metric';

export const bleu = {
  name: 'validation.bleu',
  goal: 'maximize',
  unit: undefined,
  description: 'BLEU of what is written against what is right (Papineni et al. 2002).',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
