import { z } from 'zod';
import { constraintError } from './constraint-expression';
import { searchableShape } from './distribution';
import { duration } from './duration';
import { labels } from './labels';
import type { Labels } from './labels-text';
import { limits } from './limits';
import { metricNames } from './metrics';
import { namedParts } from './named-parts';
import { objective, objectives, type Compared, type Objective } from './objective-spec';
import { samplerDefinitions, samplerNames } from './samplers';
import { settleStopping } from './settle-stopping';
import { stopping, stoppingChoices, type StoppingSpec } from './stopping-spec';
import { oneOf, shorthand, strict } from './strict';
import { trialShape } from './trial-spec';

const seedNumber = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Search algorithms; `auto` picks one of the samplers. */
export const searchAlgorithms = [...samplerNames, 'auto'] as const;

const search = strict({
  algorithm: oneOf(searchAlgorithms)
    .default('random')
    .describe(
      [
        ...samplerNames.map((name) => samplerDefinitions[name].description),
        'auto picks one of them by the space and the number of trials.',
      ].join('; '),
    ),
  trials: z
    .int()
    .min(1)
    .max(limits.configurations)
    .optional()
    .describe('Configurations to try. Default: the product of the grids, else 10, or 1 if nothing is sampled.'),
  repeats: z
    .int()
    .min(1)
    .max(limits.repeats)
    .optional()
    .describe('Number of seeds per configuration, from training.seed upward.'),
  seeds: z
    .array(seedNumber)
    .min(1)
    .max(limits.repeats)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'a seed is listed twice' })
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
    .describe('Conditions that every configuration must meet, such as hiddenSize * layers <= 512.'),
  enqueue: z
    .array(z.record(z.string(), z.unknown()))
    .max(limits.started)
    .optional()
    .describe('Configurations to try first, written as in the sweep; keys left out are sampled.'),
  from: z
    .array(z.string().regex(/^[a-z0-9]{1,32}$/, 'must be the id of a sweep'))
    .max(limits.earlierSweeps)
    .optional()
    .describe(
      'Earlier sweeps on the same data and task: a sampler that learns starts from their outcomes, and grid takes over the results of its points instead of training them again.',
    ),
}).refine(({ repeats, seeds }) => repeats === undefined || seeds === undefined, {
  path: ['seeds'],
  error: 'give repeats or seeds, not both',
});

const budget = strict({
  concurrentTrials: z
    .int()
    .min(1)
    .max(limits.configurations * limits.repeats)
    .optional()
    .describe('Maximum number of trials that train at the same time, over all workers. Default: no limit.'),
  failedTrials: z
    .int()
    .min(0)
    .optional()
    .describe('Failed trials allowed; one more fails the sweep. Default: no limit.'),
  wallTime: duration
    .optional()
    .describe('Maximum running time without pauses, such as 90s, 30m, 2h or 1d. Default: no limit.'),
  gpuHours: z
    .number()
    .gt(0)
    .optional()
    .describe('Maximum trainer hours; an attempt counts its duration divided by its lanes. Default: no limit.'),
  target: z
    .number()
    .optional()
    .describe('Value of the objective that is good enough: the sweep ends once a configuration has it. Default: none.'),
  patience: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Configurations that may end without an improvement beyond the spread of the seeds; then the sweep ends. Default: no limit.',
    ),
});

/** Text that is safe to store in a database and to print in a terminal. */
const printable = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line without control characters');

const searchableTrial = searchableShape(trialShape);

/** The parts of a sweep and their schemas. */
export const sweepShape = {
  $schema: printable.optional().describe('URL of the schema, for editors; otherwise ignored.'),
  name: printable.min(1).max(100).default('sweep').describe('A name for people.'),
  get dataset() {
    return searchableTrial.dataset;
  },
  get task() {
    return searchableTrial.task;
  },
  get model() {
    return searchableTrial.model;
  },
  get training() {
    return searchableTrial.training;
  },
  objective: shorthand(
    'metric',
    metricNames,
    objective,
    "What to optimise. Default: the task's own, for example validation.bitsPerToken for a language model.",
  ).optional(),
  objectives: objectives
    .optional()
    .describe(
      'Two or three metrics to optimise at once, instead of objective: the best trade-offs form a Pareto front.',
    ),
  search: shorthand('algorithm', searchAlgorithms, search, 'How configurations are chosen.').prefault({}),
  stopping: shorthand(
    'rule',
    stoppingChoices,
    stopping,
    "When a configuration stops before its last update, or copies another's weights.",
  ).prefault({}),
  budget: budget.prefault({}).describe('Limits of the sweep.'),
  requires: labels
    .optional()
    .describe('Labels that a worker must have to train its trials, such as {gpu: a100}. Default: any worker.'),
};

/** A sweep as written by its author. Defaults of searched values are filled in when a trial is sampled. */
export const sweepSpec = strict(sweepShape)
  .superRefine(({ objective: one, objectives: several }, context) => {
    if (one && several)
      context.addIssue({ code: 'custom', path: ['objectives'], message: 'give objective or objectives, not both' });
  })
  .transform((sweep, context) => {
    const settled = settleStopping(sweep.stopping, sweep);
    if (settled) return { ...sweep, stopping: settled };
    const message = 'auto goes by the length of the training, which this sweep searches: name a rule';
    context.addIssue({ code: 'custom', path: ['stopping', 'rule'], message });
    return z.NEVER;
  });

export type Search = z.infer<typeof search>;
export type Budget = z.infer<typeof budget>;
export interface SweepSpec {
  name: string;
  dataset: unknown;
  task: unknown;
  model?: unknown;
  training?: unknown;
  /** The space of a study, whose trials are run by whoever asks for them: instead of the keys above. */
  parameters?: Record<string, unknown> | undefined;
  objective?: Objective | undefined;
  objectives?: Compared[] | undefined;
  search: Search;
  budget: Budget;
  stopping: StoppingSpec;
  requires?: Labels | undefined;
}

/** The JSON Schema of a sweep file, for editors and API users. */
export function sweepJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(sweepSpec, { io: 'input', unrepresentable: 'any', reused: 'ref' });
  return namedParts({ ...schema }, 'Sweep');
}
