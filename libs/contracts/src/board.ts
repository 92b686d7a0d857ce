import { z } from 'zod';
import { measure } from './measure';
import { trialStates } from './states';
import { limits } from './limits';
import { strict } from './strict';

/** Response shapes of leaderboards, curves and statistics over all trials of a sweep. Times are ISO 8601 in UTC. */

const time = z.iso.datetime();
const id = z.string().describe('8 characters; any unique prefix is accepted as an id.');
const metrics = z.record(z.string(), z.number());
const objective = z.object({ metric: z.string(), goal: z.enum(['minimize', 'maximize']) });
const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe("95 % confidence interval of the mean (Student's t over the seeds); null for one seed.");

export const leaderboardRow = z.object({
  rank: z
    .int()
    .nullable()
    .describe('Rank by value among the rows that match the filter; equal rows share a rank. Null for a baseline.'),
  tied: z.boolean().describe('Whether another row has the same value.'),
  trialId: id.nullable().describe('The best of the repeats; null for a baseline.'),
  sweepId: id.nullable().describe("Null for a baseline on the team's board."),
  sweepName: z.string(),
  configuration: z.int().nullable().describe('Number within the sweep, from 0; null for a baseline.'),
  name: z.string().nullable().describe('Name of a baseline; null for a configuration.'),
  value: measure.describe('Mean over the repeats.'),
  deviation: z.number().nullable().describe('Standard deviation over the repeats; null for one repeat.'),
  interval,
  bestProbability: z
    .number()
    .nullable()
    .describe(
      'Probability that its mean over all possible seeds is the best among the rows of this page; null if no row has two seeds.',
    ),
  difference: z.number().nullable().describe('Its value minus that of the pinned baseline; null without one.'),
  metric: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  seed: z.int().nullable(),
  repeats: z.int().describe('Seeds, times the parts that cross-validation holds out in turn.'),
  metrics: metrics.describe('Means over the repeats: each metric that all of them have.'),
  state: z.string(),
  updates: z.int(),
  seconds: z.number().nullable(),
  engine: z.string().nullable(),
  precision: z
    .string()
    .nullable()
    .describe(
      'training.precision, searched or not; null for a baseline, and for a trial from before there was a choice.',
    ),
  lanes: z.int().nullable(),
  finishedAt: time.nullable(),
  tags: z.array(z.string()).describe('Of the configuration.'),
  hasNote: z.boolean().describe('Whether the configuration has a note: its trials have it as configurationNote.'),
});
export type LeaderboardRow = z.infer<typeof leaderboardRow>;

export const leaderboard = z.object({
  objective,
  items: z.array(leaderboardRow),
  nextCursor: z.string().nullable(),
  previousCursor: z.string().nullable(),
  total: z
    .int()
    .nullable()
    .describe(
      'Number of rows that match the filter, counted with the first page; null if there are too many to count.',
    ),
  sorts: z.array(z.string()).describe('Sort keys of this board.'),
  descending: z.boolean().describe('Whether the sort key descends from row to row.'),
  settings: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .describe('By sweep of this page: the settings that all its trials have. Conditions and sort keys may name them.'),
  baselines: z.array(leaderboardRow).describe('Results of simple models on the same held-out data.'),
  pinned: leaderboardRow
    .nullable()
    .describe('The configuration that the team has pinned as the baseline of this board.'),
});
export type Leaderboard = z.infer<typeof leaderboard>;

export const boardView = z.object({
  id: z.string().describe('Identifies what was measured: the data, how it is read and split, the task and the tokens.'),
  dataset: z.string(),
  fingerprint: z.string(),
  split: z.record(z.string(), z.unknown()).describe('How the data is read and split: options of the data set.'),
  task: z.string(),
  tokens: z.string().nullable().describe('How text is tokenized; null if the task reads none.'),
  options: z
    .record(z.string(), z.unknown())
    .describe("The task's options that decide what is measured; trials of a board may differ in the others."),
  metric: z.string().describe('The objective of its sweeps.'),
  goal: z.enum(['minimize', 'maximize']),
  configurations: z.int().describe('Number of configurations with a value, counted every few seconds.'),
});
export type BoardView = z.infer<typeof boardView>;

export const boardList = z.object({ items: z.array(boardView) });
export type BoardList = z.infer<typeof boardList>;

export const teamLeaderboard = leaderboard.extend({
  board: boardView,
  boards: z.array(boardView).describe('All boards of the data set; this is one of them.'),
  among: z
    .int()
    .nullable()
    .describe('If not null, only this many of the best configurations were searched for this filter and order.'),
});
export type TeamLeaderboard = z.infer<typeof teamLeaderboard>;

export const curve = z.object({
  trialId: id,
  sweepId: id,
  configuration: z.int(),
  seed: z.int(),
  state: z.enum(trialStates),
  updates: z.array(z.int()),
  values: z.array(z.number().nullable()).describe('Null where a value was not finite.'),
});
export type Curve = z.infer<typeof curve>;

export const curves = z.object({
  metric: z.string(),
  metrics: z.array(z.string()).describe('Metrics for which these trials have curves.'),
  items: z.array(curve),
});
export type Curves = z.infer<typeof curves>;

export const points = z.object({
  metric: z.string(),
  goal: z.enum(['minimize', 'maximize']),
  parameters: z.array(
    z.object({
      path: z.string(),
      scale: z.enum(['linear', 'log', 'category']),
      values: z.array(z.unknown()).optional().describe('The categories, in order.'),
    }),
  ),
  items: z.array(
    z.object({
      trialId: id,
      configuration: z.int(),
      seed: z.int(),
      state: z.enum(trialStates),
      value: z.number().nullable(),
      updates: z.int(),
      finishedAt: time.nullable(),
      at: z.array(z.unknown()).describe('Its value of each parameter; null if it has none.'),
    }),
  ),
});
export type Points = z.infer<typeof points>;

export const history = z.object({
  metric: z.string(),
  goal: z.enum(['minimize', 'maximize']),
  items: z
    .array(
      z.object({ trialId: id, finishedAt: time, value: z.number(), best: z.number().describe('Best value so far.') }),
    )
    .describe('In order of completion.'),
});
export type History = z.infer<typeof history>;

export const importance = z.object({
  state: z.enum(['ready', 'computing', 'impossible']),
  why: z.string().nullable().describe('Why it is impossible.'),
  method: z.string(),
  trials: z.int().describe('Number of finished configurations that it is computed from.'),
  items: z
    .array(
      z.object({
        parameter: z.string(),
        importance: z.number().describe('Fraction of the variance that this parameter explains alone, 0 to 1.'),
        deviation: z.number().describe('Standard deviation over the trees of the forest.'),
      }),
    )
    .describe('Most important first.'),
  interactions: z
    .array(
      z.object({
        parameters: z.tuple([z.string(), z.string()]),
        importance: z
          .number()
          .describe('Fraction of the variance that the two explain together but neither explains alone.'),
      }),
    )
    .describe('Largest first.'),
});
export type Importance = z.infer<typeof importance>;

const compared = z.object({
  trialId: id,
  sweepId: id,
  configuration: z.int(),
  n: z.int(),
  mean: z.number().nullable(),
  deviation: z.number().nullable(),
  interval,
});

export const comparison = z.object({
  objective,
  first: compared,
  second: compared,
  pairs: z
    .array(
      z.object({
        seed: z.int(),
        fold: z.int().nullable().describe('The part that was held out; null without cross-validation.'),
        first: z.number(),
        second: z.number(),
      }),
    )
    .describe('Values for the seeds, and parts held out, that both have.'),
  difference: z
    .object({
      n: z.int(),
      mean: z.number().describe('First minus second.'),
      deviation: z.number(),
      interval,
      p: z.number().describe("Two-sided p-value of Student's paired t-test."),
    })
    .nullable()
    .describe('Null for fewer than two pairs.'),
});
export type Comparison = z.infer<typeof comparison>;

export const samples = z.object({
  trialId: id,
  items: z
    .array(z.object({ update: z.int(), text: z.string() }))
    .describe('Text that the network generated, in order of update.'),
});
export type Samples = z.infer<typeof samples>;

export const viewBody = strict({
  name: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u, 'must be one line of 1 to 100 characters')
    .describe('A name for people.'),
  path: z
    .string()
    .max(limits.viewPath)
    .regex(
      /^\/(?![/\\])[\x21-\x7e]*$/,
      'must be a path on this site with its query, as in /sweeps/ab12cd34?sort=seconds',
    )
    .describe("The page's path and query."),
});
export type ViewBody = z.infer<typeof viewBody>;

export const savedView = z.object({ id, name: z.string(), path: z.string(), createdAt: time });
export type SavedView = z.infer<typeof savedView>;
