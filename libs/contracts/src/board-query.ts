import { z } from 'zod';
import { parseCondition, type Condition } from './condition';
import { cellNames } from './cells';
import { columnPattern } from './column-name';
import { metricName } from './metric-name';
import { limits } from './limits';
import { repeatable } from './repeatable';
import { rankedStates } from './ranked-states';
import { oneOf, strict } from './strict';

const condition = z.string().transform((text, context): Condition => {
  const parsed = parseCondition(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

/** Query parameters of every leaderboard. */
const filters = {
  sort: z
    .string()
    .regex(
      new RegExp(`^(value|updates|seconds|finishedAt|(metric|parameter):${columnPattern})$`),
      'must be value, updates, seconds, finishedAt, metric:NAME or parameter:PATH',
    )
    .default('value')
    .describe('Sort key: value, updates, seconds, finishedAt, metric:NAME or parameter:PATH.'),
  order: oneOf(['best', 'asc', 'desc'])
    .optional()
    .describe(
      'best: the best value or metric first. Default: best for these; asc for any other sort key, and for metrics of which it is not known ' +
        'which values are better, as those that a study tells by names of its own.',
    ),
  state: oneOf(rankedStates).optional().describe("State of the configuration's best trial."),
  cell: oneOf(cellNames).optional().describe('The kind of cell.'),
  where: repeatable(condition, limits.conditions).describe(
    'PATH:VALUE; PATH:VALUE|VALUE for any of several values; or PATH:LOW..HIGH, where either end may be omitted. ' +
      'PATH is a parameter, a metric, or value. Quote a VALUE that contains | or .. as in JSON. Repeatable: all conditions must hold.',
  ),
};

const place = {
  limit: z.coerce.number().int().min(1).max(limits.page).default(50).describe('Maximum number of rows.'),
  cursor: z.string().max(500).optional().describe('The nextCursor or previousCursor of another page.'),
};

const teams = {
  dataset: z.string().max(100).optional().describe('Name of a data set. Default: that of the board.'),
  metric: z.string().max(100).optional().describe('The objective. Default: the one with the most configurations.'),
  board: z.string().max(100).optional().describe('Id of a board. Default: the one with the most configurations.'),
};

const exported = {
  format: oneOf(['csv', 'jsonl']).default('csv').describe('csv, or jsonl: one JSON object per line.'),
  limit: z.coerce.number().int().min(1).optional().describe('Maximum number of rows. Default: all.'),
};

export const boardQuery = strict({ ...place, ...filters });
export type BoardQuery = z.infer<typeof boardQuery>;

export const teamBoardQuery = strict({ ...teams, ...place, ...filters });
export type TeamBoardQuery = z.infer<typeof teamBoardQuery>;

export const exportQuery = strict({ ...exported, ...filters });
export type ExportQuery = z.infer<typeof exportQuery>;

export const teamExportQuery = strict({ ...teams, ...exported, ...filters });
export type TeamExportQuery = z.infer<typeof teamExportQuery>;

const trialIds = (most: number) => repeatable(z.string().max(limits.trialName), most).describe('Trial ids.');
const metric = metricName.optional().describe("Default: the sweep's objective.");
const maxPoints = z.coerce
  .number()
  .int()
  .min(2)
  .max(10_000)
  .default(200)
  .describe('Maximum number of points per curve.');

export const curvesQuery = strict({
  metric,
  maxPoints,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.curves)
    .default(limits.curves)
    .describe('Maximum number of curves, best first.'),
  trial: trialIds(limits.curves),
});
export type CurvesQuery = z.infer<typeof curvesQuery>;

export const comparedCurvesQuery = strict({ metric, maxPoints, trial: trialIds(limits.compared) });
export type ComparedCurvesQuery = z.infer<typeof comparedCurvesQuery>;

export const pointsQuery = strict({
  metric,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.points)
    .default(limits.points)
    .describe('Maximum number of trials, best first.'),
});
export type PointsQuery = z.infer<typeof pointsQuery>;

export const comparisonQuery = strict({
  first: z.string().max(limits.trialName).describe('A trial of the first configuration.'),
  second: z.string().max(limits.trialName).describe('A trial of the second configuration.'),
});
export type ComparisonQuery = z.infer<typeof comparisonQuery>;
