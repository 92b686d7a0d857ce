import type { MetricDefinition } from './metric';

export const bleu = {
  name: 'validation.bleu',
  goal: 'maximize',
  unit: undefined,
  range: [0, 100],
  description: 'BLEU of the output against the target, from 0 to 100 (Papineni et al. 2002; Post 2018).',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
