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

/** 1 where less is better, −1 where more is: of a value times it, less is better. */
export const signOf = ({ goal }: Pick<Objective, 'goal'>): 1 | -1 => (goal === 'minimize' ? 1 : -1);

/** What a trained network costs: its weights, the updates that it took, and their seconds. Known when a trial has completed. */
export const costNames = ['cost.parameters', 'cost.updates', 'cost.seconds'] as const;

const isCost = (name: string): boolean => (costNames as readonly string[]).includes(name);

const compared = strict({
  metric: oneOf([...metricNames, ...costNames]).describe('What is compared.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which way is better. Default: the metric's own."),
}).transform(({ metric, goal }) => ({
  metric,
  goal: goal ?? (isCost(metric) ? 'minimize' : goalOf(metric as MetricName)),
}));

export const objectives = z
  .array(compared)
  .min(2)
  .max(3)
  .refine((all) => new Set(all.map(({ metric }) => metric)).size === all.length, {
    error: 'a metric stands here twice',
  })
  .refine(([first]) => !first || !isCost(first.metric), {
    error: 'the first must be measured at reports, since it chooses the report that counts: put costs behind it',
  });

/** One of several things that a sweep optimises at once. */
export type Compared = z.infer<typeof compared>;

/** What is optimised where a sweep names nothing, by task kind. */
export function defaultObjective(kind: TaskKind): Objective {
  const [metric] = taskMetrics[kind];
  return { metric, goal: goalOf(metric), use: 'best' };
}
