import type { MetricDefinition } from './metric';

export const bleu = {
  name: 'validation.bleu',
  goal: 'maximize',
  unit: undefined,
  range: [0, 1],
  description: 'BLEU of the output against the target (Papineni et al. 2002).',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
