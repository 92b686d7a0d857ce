import { z } from 'zod';
import { columnName } from './column-name';
import { duration } from './duration';
import { distributionIssues, isDistribution } from './distribution';
import { metricNames, metrics, toldNames } from './metrics';
import { endsAtRungs, stoppingRuleDefinitions } from './stopping';
import { oneOf, strict } from './strict';
import { sweepShape, type SweepSpec } from './sweep-spec';
import type { GivenStopping, StoppingSpec } from './stopping-spec';

/** Configurations of a study that says no number, unless its grids do. */
const standardTrials = 100;

/** Fewest steps of a trial that `auto` judges before its end. */
const fewestSteps = 6;

const hasGrid = (node: unknown): boolean =>
  isDistribution(node)
    ? 'grid' in node
    : typeof node === 'object' && node !== null && Object.values(node).some(hasGrid);

const space = z
  .record(z.string().min(1).max(100), z.unknown())
  .refine((given) => Object.keys(given).length > 0, { error: 'needs at least one parameter' })
  .superRefine((given, context) => {
    for (const { path, message } of distributionIssues(given)) context.addIssue({ code: 'custom', path, message });
  })
  .describe('The parameters by name: values, or distributions as in a sweep, also within lists of objects.');

/** Rules that stop with what the caller reports. The others continue trainings from checkpoints, which only workers write. */
const isOfStudies = ({ rule }: StoppingSpec): boolean => !endsAtRungs(rule);

/** `auto` as a rule, and the first decision after a 25th of the steps unless the study says when. */
function settled({ rule, ...given }: GivenStopping, steps: number): StoppingSpec {
  const own = rule === 'auto' ? (steps < fewestSteps ? 'none' : 'asha') : rule;
  const isGiven = given.minUpdates ?? given.minEpochs ?? given.minTokens;
  const takesMinimum = 'minUpdates' in stoppingRuleDefinitions[own].options && isGiven === undefined;
  return { rule: own, ...given, ...(takesMinimum ? { minUpdates: Math.ceil(steps / 25) } : {}) };
}

/**
 * A study, as its author writes it: a search whose trials are run by whoever asks for them. It becomes a sweep whose space is
 * `parameters`.
 */
export const studySpec = strict({
  name: sweepShape.name
    .unwrap()
    .describe(
      'A name for people. Studies of one name and metric share a leaderboard, so give what is measured otherwise another.',
    ),
  space,
  metric: oneOf([...toldNames, ...metricNames])
    .default('value')
    .describe('The name of what is told.'),
  goal: oneOf(['minimize', 'maximize'])
    .optional()
    .describe("Which direction is better. Default: the metric's own; of value minimize."),
  use: oneOf(['best', 'last'])
    .default('last')
    .describe("Which of a trial's reports gives its value: its best or its last."),
  steps: z
    .int()
    .min(1)
    .max(100_000_000)
    .default(1)
    .describe('Reports of a whole trial: what a stopping rule calls updates.'),
  // An algorithm of our own choice, which a sweep takes only where it is asked for.
  search: z.preprocess(
    (given = {}) =>
      typeof given === 'object' && given !== null && !('algorithm' in given) ? { algorithm: 'auto', ...given } : given,
    sweepShape.search,
  ),
  stopping: sweepShape.stopping,
  budget: sweepShape.budget,
}).transform((study, context): SweepSpec => {
  const { name, metric, goal = metrics[metric].goal, use, steps, search, budget } = study;
  const stopping = settled(study.stopping, steps);
  const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (!isOfStudies(stopping))
    refuse(['stopping', 'rule'], `${stopping.rule} continues trainings from checkpoints, which a study does not have`);
  for (const unit of ['minEpochs', 'minTokens'] as const)
    if (stopping[unit] !== undefined) refuse(['stopping', unit], 'a study counts steps: use minUpdates');
  const trials = search.trials ?? (hasGrid(study.space) ? undefined : standardTrials);
  return {
    name,
    dataset: { name: `study ${name}` },
    task: { kind: 'external' },
    training: { updates: steps, reportEvery: 1, seed: 0 },
    parameters: study.space,
    objective: { metric, goal, use },
    search: { ...search, ...(trials === undefined ? {} : { trials }) },
    stopping,
    budget,
  };
});

/** The longest that an asked trial may go without a word. */
const lease = duration
  .refine((seconds) => seconds >= 1 && seconds <= 30 * 86_400, { error: 'must be from 1s to 30d' })
  .default(3600)
  .describe(
    'How long the trial may go without a report before it is given to another, such as 90s or 2h. Default: 1h.',
  );

export const askBody = strict({
  lease,
  wait: z.number().min(0).max(30).default(10).describe('How long to wait for a trial. Unit: seconds.'),
  host: z.string().trim().min(1).max(200).default('unknown').describe('Where it runs, for the list of attempts.'),
});
export type AskBody = z.infer<typeof askBody>;

/** Metrics by name: null for a value that is not finite. */
const told = z
  .record(z.string().regex(columnName, 'must be a name of letters, digits and . _ - /'), z.number().nullable())
  .refine((given) => Object.keys(given).length <= 100, { error: 'has more than 100 metrics' });

const attempt = z
  .string()
  .optional()
  .describe('The attempt that ask answered: a report of an earlier one is refused. Default: the one that runs.');

export const reportBody = strict({
  step: z
    .int()
    .min(1)
    .max(100_000_000)
    .describe('Steps done so far: each report is of a later one, or the last one again.'),
  value: z.number().nullable().optional().describe("The study's metric; null if it is not finite."),
  metrics: told.default({}).describe('Further metrics by name.'),
  attempt,
  lease,
});
export type ReportBody = z.infer<typeof reportBody>;

export const tellBody = strict({
  value: z
    .number()
    .nullable()
    .optional()
    .describe("The study's metric at the end: null if it diverged. Default: as reported before."),
  curve: z
    .array(z.number().nullable())
    .min(1)
    .max(10_000)
    .optional()
    .describe('All values of the metric instead, one a step; the last counts, or the best with use: best.'),
  metrics: told.default({}).describe('Further metrics by name.'),
  state: oneOf(['completed', 'failed']).default('completed'),
  message: z.string().max(2000).optional().describe('Why it failed.'),
  attempt,
}).refine(({ value, curve }) => value === undefined || curve === undefined, {
  path: ['curve'],
  error: 'give value or curve, not both',
});
export type TellBody = z.infer<typeof tellBody>;

const id = z.string();

export const asked = z.object({
  trial: z
    .object({
      id,
      attempt: id.describe('To be sent with its reports, so that none counts after its lease was lost.'),
      number: z.int().describe('Number of the trial within the study, from 0.'),
      seed: z.int(),
      parameters: z.record(z.string(), z.unknown()),
      steps: z.int().describe('Reports of a whole trial.'),
    })
    .nullable()
    .describe('Null if none was free in time.'),
  state: z.string().describe('Of the study.'),
  isOver: z.boolean().describe('Whether the study has no trials left to ask for.'),
});
export type Asked = z.infer<typeof asked>;

export const reported = z.object({
  stop: z
    .boolean()
    .describe('Whether the trial has ended: pruned by the stopping rule, or cancelled. It needs no tell.'),
  why: z.string().nullable(),
});
export type Reported = z.infer<typeof reported>;
