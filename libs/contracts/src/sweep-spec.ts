import { z } from 'zod';
import { constraintError } from './constraint-expression';
import { searchable } from './distribution';
import { duration } from './duration';
import { limits } from './limits';
import { oneOf, shorthand, strict } from './strict';
import type { TaskKind } from './task-spec';
import { trialShape } from './trial-spec';

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

const objective = strict({
  metric: oneOf(metricNames).describe('What is compared.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which way is better. Default: the metric's own."),
  use: oneOf(['best', 'last']).default('best').describe("Which of a trial's reports gives its value."),
}).transform(({ metric, goal, use }) => ({ metric, goal: goal ?? goalOf(metric), use }));

const seedNumber = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Ways to search. `auto` is one of the others. */
export const searchAlgorithms = ['random', 'grid', 'sobol', 'tpe', 'gaussian-process', 'cma-es', 'auto'] as const;

const search = strict({
  algorithm: oneOf(searchAlgorithms)
    .default('random')
    .describe(
      'random draws; grid runs the product of all grids once; sobol draws more evenly; tpe, gaussian-process and cma-es learn from what was tried; auto picks one of them by the space and the number of trials.',
    ),
  trials: z
    .int()
    .min(1)
    .max(limits.configurations)
    .optional()
    .describe('Configurations to try. Default: the product of the grids, else 10, or 1 where nothing is drawn.'),
  repeats: z
    .int()
    .min(1)
    .max(limits.repeats)
    .optional()
    .describe('Seeds that each configuration is trained with, from training.seed upward.'),
  seeds: z
    .array(seedNumber)
    .min(1)
    .max(limits.repeats)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'a seed stands here twice' })
    .optional()
    .describe('The seeds themselves, instead of repeats.'),
  seed: seedNumber.default(0).describe('Seed of the search.'),
  constraints: z
    .array(
      z.string().superRefine((text, context) => {
        const message = constraintError(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }),
    )
    .max(limits.constraints)
    .optional()
    .describe('Conditions that every configuration meets, such as hiddenSize * layers <= 512.'),
  start: z
    .array(z.record(z.string(), z.unknown()))
    .max(limits.started)
    .optional()
    .describe('Configurations to try first, written as in the sweep; what one leaves out is drawn.'),
  from: z
    .array(z.string().regex(/^[a-z0-9]{1,32}$/, 'must be the id of a sweep'))
    .max(limits.earlierSweeps)
    .optional()
    .describe('Earlier sweeps on the same data and task, whose outcomes a search that learns begins with.'),
}).refine(({ repeats, seeds }) => repeats === undefined || seeds === undefined, {
  path: ['seeds'],
  error: 'give repeats or seeds, not both',
});

/** Ways to end a configuration early. */
export const stoppingRuleNames = ['none', 'asha', 'hyperband', 'median', 'plateau'] as const;
type StoppingRuleName = (typeof stoppingRuleNames)[number];

/** Which rules have a key; a key of another rule is refused. */
const keysOfRules: Readonly<Record<string, readonly StoppingRuleName[]>> = {
  minUpdates: ['asha', 'hyperband', 'median', 'plateau'],
  reductionFactor: ['asha', 'hyperband'],
  brackets: ['hyperband'],
  minTrials: ['median'],
  patience: ['plateau'],
  minDelta: ['plateau'],
};

const stopping = strict({
  rule: oneOf(stoppingRuleNames)
    .default('none')
    .describe(
      'none trains each to its end; asha keeps the best part at each rung; hyperband does so with brackets that begin later; median ends what is worse than the median; plateau ends what no longer improves.',
    ),
  minUpdates: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .describe('Updates before the first verdict, moved up to the next report. Unit: updates. Default: 100.'),
  reductionFactor: z
    .number()
    .min(1.5)
    .max(100)
    .optional()
    .describe('asha, hyperband: one of so many goes on at a rung; rungs lie as many times further apart. Default: 3.'),
  brackets: z.int().min(1).max(10).optional().describe('hyperband: how many brackets. Default: 3.'),
  minTrials: z
    .int()
    .min(1)
    .max(limits.configurations)
    .optional()
    .describe('median: configurations that a rung must have seen. Default: 5.'),
  patience: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('plateau: reports without a better value before the end. Default: 5.'),
  minDelta: z.number().min(0).optional().describe('plateau: what counts as better. Default: 0.'),
}).superRefine((given, context) => {
  for (const [key, rules] of Object.entries(keysOfRules))
    if ((given as Record<string, unknown>)[key] !== undefined && !rules.includes(given.rule))
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `is a key of ${rules.join(', ')}, not of ${given.rule}: leave it out`,
      });
});

const budget = strict({
  concurrentTrials: z
    .int()
    .min(1)
    .max(limits.configurations * limits.repeats)
    .optional()
    .describe('Trials that may train at the same time, over all workers. Default: no limit.'),
  failedTrials: z
    .int()
    .min(0)
    .optional()
    .describe('Failed trials that the sweep bears; one more ends it as failed. Default: no limit.'),
  wallTime: duration
    .optional()
    .describe('How long the sweep may run, pauses not counted, as 90s, 30m, 2h or 1d. Default: no limit.'),
  gpuHours: z
    .number()
    .gt(0)
    .optional()
    .describe('Hours of trainers that it may use: each attempt takes its time ÷ its lanes. Default: no limit.'),
});

/** A text that a database keeps and a terminal shows as it is. */
const printable = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line without control characters');

const searchableTrial = {
  dataset: searchable(trialShape.dataset),
  task: searchable(trialShape.task),
  model: searchable(trialShape.model),
  training: searchable(trialShape.training),
};

/** The parts of a sweep and their schemas. */
export const sweepShape = {
  $schema: printable.optional().describe('Where editors find the schema; otherwise ignored.'),
  name: printable.min(1).max(100).default('sweep').describe('How people call it.'),
  ...searchableTrial,
  objective: objective
    .optional()
    .describe("What is optimised. Default: the task's own, for example validation.bitsPerToken for a language model."),
  search: shorthand('algorithm', searchAlgorithms, search, 'How configurations are chosen.').prefault({}),
  stopping: shorthand(
    'rule',
    stoppingRuleNames,
    stopping,
    'When a configuration is ended before its last update.',
  ).prefault({}),
  budget: budget.prefault({}).describe('What the sweep may use.'),
};

/** A sweep as its author writes it. Defaults of what is searched are filled in when a trial is drawn. */
export const sweepSpec = strict(sweepShape);

export type Search = z.infer<typeof search>;
export type Objective = z.infer<typeof objective>;
export type Budget = z.infer<typeof budget>;
export type StoppingSpec = z.infer<typeof stopping>;
export interface SweepSpec {
  name: string;
  dataset: unknown;
  task: unknown;
  model?: unknown;
  training?: unknown;
  objective?: Objective | undefined;
  search: Search;
  budget: Budget;
  stopping: StoppingSpec;
}

/** What is optimised where a sweep names nothing, by task kind. */
export function defaultObjective(kind: TaskKind): Objective {
  const [metric] = taskMetrics[kind];
  return { metric, goal: goalOf(metric), use: 'best' };
}

/** The JSON Schema of a sweep file, for editors and API users. */
export function sweepJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(sweepSpec, { io: 'input', unrepresentable: 'any', reused: 'ref' });
}
