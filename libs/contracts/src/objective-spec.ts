import { z } from 'zod';
import { oneOf, strict } from './strict';
import type { TaskKind } from './task-spec';

/** What a report of a trial may measure on held-out data, and what may be optimised. */
export const metricNames = [
  'train.loss',
  'train.gradientNorm',
  'validation.loss',
  'validation.perplexity',
  'validation.bitsPerToken',
  'validation.accuracy',
  'validation.f1',
  'validation.nodeAccuracy',
  'validation.mse',
  'validation.mae',
  'validation.negativeLogLikelihood',
  'validation.bleu',
  'validation.editDistance',
] as const;
export type MetricName = (typeof metricNames)[number];

/** What each task measures on held-out data beside its loss; the first is what it optimises where a sweep names nothing. */
export const taskMetrics: Readonly<Record<TaskKind, readonly [MetricName, ...MetricName[]]>> = {
  'language-model': ['validation.bitsPerToken', 'validation.perplexity'],
  classification: ['validation.accuracy', 'validation.f1'],
  regression: ['validation.mse', 'validation.mae'],
  tagging: ['validation.accuracy', 'validation.f1'],
  'multilabel-frames': ['validation.negativeLogLikelihood'],
  forecasting: ['validation.mse', 'validation.mae'],
  'sequence-to-sequence': ['validation.editDistance', 'validation.bleu', 'validation.accuracy'],
  'sequence-from-vector': ['validation.editDistance', 'validation.bleu', 'validation.accuracy'],
  transcription: ['validation.editDistance', 'validation.accuracy'],
  'tree-classification': ['validation.accuracy', 'validation.f1', 'validation.nodeAccuracy'],
};

/** Metrics of which more is better. */
const growing: readonly MetricName[] = [
  'validation.accuracy',
  'validation.f1',
  'validation.nodeAccuracy',
  'validation.bleu',
];

const goalOf = (metric: MetricName): 'minimize' | 'maximize' => (growing.includes(metric) ? 'maximize' : 'minimize');

export const objective = strict({
  metric: oneOf(metricNames).describe('What is compared.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which way is better. Default: the metric's own."),
  use: oneOf(['best', 'last']).default('best').describe("Which of a trial's reports gives its value."),
}).transform(({ metric, goal, use }) => ({ metric, goal: goal ?? goalOf(metric), use }));

export type Objective = z.infer<typeof objective>;

/** What is optimised where a sweep names nothing, by task kind. */
export function defaultObjective(kind: TaskKind): Objective {
  const [metric] = taskMetrics[kind];
  return { metric, goal: goalOf(metric), use: 'best' };
}
