import { z } from 'zod';
import { metricName } from './metric-name';
import { measure } from './measure';
import { diagnostics, snapshots } from './diagnostics';
import { drains } from './drains';
import { sweepStates, trialStates } from './states';
import { stoppingRuleNames } from './stopping';
import { limits } from './limits';
import { priorities } from './priority';
import { oneOf, strict } from './strict';

/** Response shapes of the REST API. Times are ISO 8601 in UTC, durations are in seconds. */

const time = z.iso.datetime();
const id = z.string().describe('8 characters; any unique prefix is accepted as an id.');
const metrics = z.record(z.string(), z.number());

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;

export const pageQuery = strict({
  limit: z.coerce.number().int().min(1).max(limits.page).default(50).describe('Maximum number of items.'),
  cursor: z.string().max(500).optional().describe('The nextCursor of the page before.'),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export const trialCounts = z.object(
  Object.fromEntries(trialStates.map((state) => [state, z.int()])) as Record<(typeof trialStates)[number], z.ZodInt>,
);
export type TrialCounts = z.infer<typeof trialCounts>;

export const sweepView = z.object({
  id,
  name: z.string(),
  owner: z.string().describe('Name of the member who submitted it.'),
  priority: z.enum(priorities).describe('Among the sweeps of its owner.'),
  clonedFrom: id
    .nullable()
    .describe('The sweep this one was cloned from, or confirms; that one may have been deleted since.'),
  state: z.enum(sweepStates),
  trials: trialCounts,
  total: z.int().describe('Trials that the sweep will have: configurations times seeds.'),
  best: z.object({ trialId: id, value: measure }).nullable(),
  objective: z.object({ metric: z.string(), goal: z.string(), use: z.string() }).describe('The first of several.'),
  objectives: z.array(z.object({ metric: z.string(), goal: z.string() })).describe('All objectives.'),
  spec: z.record(z.string(), z.unknown()),
  edits: z
    .array(
      z.object({
        at: time,
        first: z.int().describe('The first configuration that was proposed afterwards.'),
        changed: z.array(z.string()).describe('Paths of what it changed.'),
        withdrawn: z.int().describe('Pending trials that it cancelled, because they were outside the new space.'),
      }),
    )
    .describe('Changes of its search space, in order.'),
  message: z
    .string()
    .nullable()
    .describe('Why the sweep failed or ended before its last trial, or what limits or shortens it.'),
  ranSeconds: z.number().describe('Seconds that it ran before runningSince, without pauses.'),
  runningSince: time.nullable().describe('When it was last started or resumed; null while it is not running.'),
  note: z.string().describe('Markdown.'),
  tags: z.array(z.string()),
  archived: z.boolean(),
  createdAt: time,
  finishedAt: time.nullable(),
  warning: z
    .string()
    .optional()
    .describe(
      'In the answer to a submission: why its trials will wait, if no worker has the labels that it requires; and options without effect.',
    ),
});
export type SweepView = z.infer<typeof sweepView>;

export const sweepPage = page(sweepView).extend({ total: z.int().describe('Number of sweeps that match.') });
export type SweepPage = z.infer<typeof sweepPage>;

export const trialView = z.object({
  id,
  sweepId: id,
  state: z.enum(trialStates),
  configuration: z.int().describe('Number of the configuration within the sweep, from 0.'),
  seed: z.int(),
  parameters: z.record(z.string(), z.unknown()).describe('Sampled parameters, by path.'),
  spec: z.record(z.string(), z.unknown()),
  value: measure.nullable(),
  metrics,
  updates: z.int(),
  seconds: z.number().nullable(),
  validationSeconds: z
    .number()
    .nullable()
    .describe('Of `seconds`, those of validation, samples and diagnostics at its reports; so far, while it runs.'),
  engine: z.string().nullable(),
  lanes: z.int().nullable(),
  datasetFingerprint: z.string().nullable(),
  reusedFrom: id
    .nullable()
    .describe('The trial of an earlier sweep whose result it has; null if it was trained itself.'),
  message: z.string().nullable(),
  sample: z.string().nullable().describe('Text that the network generated at its last report.'),
  schedule: z
    .array(
      z.object({
        update: z.int().describe('From this update on.'),
        source: id.nullable().describe('The trial whose weights it copied there; null at the start.'),
        parameters: z.record(z.string(), z.unknown()),
      }),
    )
    .describe('Its parameters as population-based training changed them; empty if it changed none.'),
  note: z.string().describe('Markdown.'),
  tags: z.array(z.string()),
  configurationNote: z.string().describe('The note of its configuration, in Markdown.'),
  configurationTags: z.array(z.string()).describe('The tags of its configuration.'),
  pinned: z.boolean().describe('Whether its configuration is the baseline of its board.'),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type TrialView = z.infer<typeof trialView>;

const comparedMetric = z.object({ metric: z.string(), goal: z.enum(['minimize', 'maximize']) });

export const frontRow = z.object({
  front: z
    .int()
    .describe('Pareto rank: 1 if no other configuration dominates it, 2 if only those of rank 1 do, and so on.'),
  trialId: id.describe('The best of the repeats by the first objective.'),
  values: z
    .record(z.string(), z.number())
    .describe('Mean over the repeats, by metric, all at the report that is best by the first objective.'),
  parameters: z.record(z.string(), z.unknown()),
  repeats: z.int(),
  state: z
    .string()
    .describe(
      'Of that trial. As on leaderboards, those that run or were cancelled are ranked by what they have reached.',
    ),
  updates: z.int(),
  seconds: z.number().nullable(),
});
export type FrontRow = z.infer<typeof frontRow>;

export const front = z.object({
  objectives: z.array(comparedMetric).describe('The first chooses the report whose values count.'),
  items: z.array(frontRow).describe('Sorted by front, then by the first objective.'),
  nextCursor: z.string().nullable(),
});
export type Front = z.infer<typeof front>;

export const rungs = z.object({
  rule: z.enum(stoppingRuleNames),
  objective: z.object({ metric: z.string(), goal: z.enum(['minimize', 'maximize']) }),
  items: z.array(
    z.object({
      rung: z.int(),
      updates: z.array(z.int()).describe('First and last update at which a configuration was judged at this rung.'),
      came: z.int().describe('Number of configurations that reached the rung.'),
      stopped: z
        .int()
        .describe('How many of these stopped; in a population, how many continued from the state of another.'),
      best: z.number().nullable(),
      correlation: z
        .number()
        .nullable()
        .describe(
          'Spearman rank correlation between the values at this rung and at the next, −1 to 1; null if undefined. Only ' +
            'configurations that continued by themselves count, so it is lower than over all configurations.',
        ),
      compared: z.int().describe('Number of configurations that reached both.'),
    }),
  ),
  pairedTests: z
    .array(
      z.object({
        seeds: z.int().describe('Number of seeds that were compared.'),
        came: z.int().describe('Number of configurations that were compared on so many seeds.'),
        stopped: z.int().describe('How many of these train no further seeds.'),
      }),
    )
    .describe('What stopping.pThreshold decided, by the number of seeds; empty without it.'),
});
export type Rungs = z.infer<typeof rungs>;

const replayed = z.object({
  count: z.int(),
  different: z.int(),
  first: z.string().nullable().describe('The first difference; null if all are equal.'),
});
export const replay = z.object({
  proposals: replayed.describe('Configurations, recomputed from the log.'),
  verdicts: replayed.describe('Verdicts of the stopping rule, recomputed from the log.'),
});
export type Replay = z.infer<typeof replay>;

export const estimate = z.object({
  trainings: z.int().describe('Number of trials that would be trained.'),
  updates: z.int().nullable().describe('Total over all trials if none stops early; null if it depends on the data.'),
  seconds: z
    .number()
    .nullable()
    .describe('Time of one trainer for all trials; null if nothing similar was trained before.'),
  basis: z.string().describe('What the seconds are based on, or why there are none.'),
});
export type Estimate = z.infer<typeof estimate>;

/** What a sweep would do: the response to a submission with `dryRun`. */
export const sweepPlan = z.object({
  sampler: z.string().describe('How configurations are chosen.'),
  why: z.string().nullable().describe('Why this one, if the sweep says auto.'),
  configurations: z.int(),
  seeds: z.int(),
  trials: z.int(),
  limit: z.string().nullable().describe('Why there are fewer configurations than the sweep asks for.'),
  reused: z.string().nullable().describe('How many trials take their results from earlier sweeps.'),
  examples: z.array(z.object({ configuration: z.int(), seed: z.int(), parameters: z.record(z.string(), z.unknown()) })),
  data: z.array(z.string()).describe('What the first trials make of their data, and warnings.'),
  warning: z
    .string()
    .nullable()
    .describe('Why its trials would wait, if no worker has the labels that it requires; and options without effect.'),
  estimate,
});
export type SweepPlan = z.infer<typeof sweepPlan>;

export const extendBody = strict({
  trials: z.int().min(1).max(limits.configurations).describe('Configurations to add.'),
});
export type ExtendBody = z.infer<typeof extendBody>;

export const confirmBody = strict({
  top: z.int().min(1).max(limits.started).default(3).describe('How many of the best completed configurations.'),
  seeds: z.int().min(1).max(limits.repeats).default(5).describe('How many new seeds each is trained with.'),
});
export type ConfirmBody = z.infer<typeof confirmBody>;

/** Keys of a sweep file; the sweep with them in place is checked as a whole. */
export const editBody = z
  .record(z.string(), z.unknown())
  .refine((changes) => Object.keys(changes).length > 0, { error: 'changes nothing: give a key of the sweep file' })
  .describe(
    'Top-level keys of a sweep file, such as model or training, each with its new value. Keys left out stay as they are.',
  );
export type EditBody = z.infer<typeof editBody>;

export const submitQuery = strict({
  dryRun: z.stringbool().default(false).describe('Whether to check and plan the sweep only, and create nothing.'),
  priority: oneOf(priorities)
    .default('normal')
    .describe('Among the sweeps of its owner; each counts four times the one below.'),
  clonedFrom: z.string().min(1).max(100).optional().describe('The sweep this one was cloned from.'),
});
export type SubmitQuery = z.infer<typeof submitQuery>;

export const trialsQuery = strict({
  ...pageQuery.shape,
  state: z.enum(trialStates).optional().describe('Only trials in this state.'),
});
export type TrialsQuery = z.infer<typeof trialsQuery>;

export const metricsQuery = strict({
  name: metricName.optional().describe('Only this metric. Default: all.'),
  maxPoints: z.coerce.number().int().min(2).max(100_000).default(1000).describe('Maximum number of points of a curve.'),
});
export type MetricsQuery = z.infer<typeof metricsQuery>;

export const metricSeries = z.object({
  name: z.string(),
  updates: z.array(z.int()),
  values: z.array(z.number().nullable()).describe('Null where a value was not finite.'),
});
export type MetricSeries = z.infer<typeof metricSeries>;
export const trialMetrics = z.object({ trialId: id, series: z.array(metricSeries) });

export const diagnosticsView = z.object({
  trialId: id,
  reports: z.array(z.object({ update: z.int(), ...diagnostics.shape })).describe('In order of update.'),
  snapshots: snapshots
    .nullable()
    .describe('States and attention weights of a few sequences, once the trial has completed.'),
});
export type DiagnosticsView = z.infer<typeof diagnosticsView>;

export const attemptView = z.object({
  id,
  state: z.string(),
  workerId: z.string(),
  host: z.string(),
  engine: z.string(),
  groupId: z.string(),
  lanes: z.int(),
  startedAt: time,
  finishedAt: time.nullable(),
  resumedFrom: z.int().describe('The update of the checkpoint that it resumed from; 0: from the start.'),
  message: z.string().nullable(),
  log: z.string().nullable().describe('The last log lines of a trainer that crashed.'),
});
export type AttemptView = z.infer<typeof attemptView>;

export const datasetView = z.object({
  name: z.string(),
  kind: z.string(),
  builtIn: z.boolean(),
  bytes: z.number().nullable(),
  fingerprint: z.string().nullable(),
  createdAt: time.nullable(),
  summary: z.array(z.string()).describe('What a first look found: rows, columns, lengths, classes, and warnings.'),
});
export type DatasetView = z.infer<typeof datasetView>;

export const health = z.object({ status: z.string().describe('ok, if the service can be used.') });

export const workerView = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  trainers: z.array(z.int()),
  engine: z.string(),
  device: z.string(),
  lanes: z.int(),
  slots: z.int().describe('Groups of trials that it trains at once.'),
  labels: z.record(z.string(), z.string()).describe('What a sweep may require.'),
  memory: z
    .object({ used: z.number(), total: z.number() })
    .nullable()
    .describe("Bytes that its trainers use, and bytes of the machine's main memory; null before it has trained."),
  stepsPerSecond: z
    .number()
    .nullable()
    .describe('Updates of all lanes per second, over the last seconds; null while idle.'),
  running: z.array(id).describe("The team's trials that it runs."),
  others: z.int().describe('How many trials of other teams it runs.'),
  drain: z
    .enum(drains)
    .nullable()
    .describe('How it was asked to leave; it takes no new trials. null: it was not asked.'),
  silent: z.boolean().describe('Whether it has given no sign of life for 8 seconds; it is listed for 5 minutes.'),
  pace: z
    .number()
    .nullable()
    .describe(
      'Its updates per second and lane, as a fraction of the median of workers that train the same signature on the same engine with ' +
        'about as many lanes; null if there are fewer than three.',
    ),
  slow: z.boolean().describe('Whether its pace is below one half.'),
  use: z
    .array(z.int())
    .describe("Percent of its trainers' time at work in each minute, up to the last 60; the newest is under way."),
  lastSeen: time,
});
export type WorkerView = z.infer<typeof workerView>;

export const drainBody = strict({
  running: oneOf(drains)
    .default('finish')
    .describe('finish: what it trains ends first; release: others continue it from a checkpoint.'),
});
export type DrainBody = z.infer<typeof drainBody>;
