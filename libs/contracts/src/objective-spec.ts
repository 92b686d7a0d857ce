import { z } from 'zod';
import { costNames, metricNames, metrics, type CostName, type MetricName, type ToldName } from './metrics';
import { oneOf, strict } from './strict';
import { tasks, type TaskKind } from './tasks';

export const objective = strict({
  metric: oneOf(metricNames).describe('The metric to compare by.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which direction is better. Default: the metric's own."),
  use: oneOf(['best', 'last'])
    .default('best')
    .describe("Which of a trial's reports gives its value: its best or its last."),
}).transform(({ metric, goal, use }) => ({ metric, goal: goal ?? metrics[metric].goal, use }));

/** A study's metric may be one that no task measures. */
export type Objective = Omit<z.infer<typeof objective>, 'metric'> & { metric: MetricName | ToldName };

/** 1 for minimize, −1 for maximize: a value times the sign is better the smaller it is. */
export const goalSign = ({ goal }: Pick<Objective, 'goal'>): 1 | -1 => (goal === 'minimize' ? 1 : -1);

const isCost = (name: string): name is CostName => costNames.some((cost) => cost === name);

const compared = strict({
  metric: oneOf([...metricNames, ...costNames]).describe('The metric to compare by.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which direction is better. Default: the metric's own."),
}).transform(({ metric, goal }) => ({ metric, goal: goal ?? metrics[metric].goal }));

export const objectives = z
  .array(compared)
  .min(2)
  .max(3)
  .refine((all) => new Set(all.map(({ metric }) => metric)).size === all.length, {
    error: 'a metric is listed twice',
  })
  .refine(([first]) => !first || !isCost(first.metric), {
    error: 'the first must be measured at reports, since it chooses the report that counts: put costs after it',
  });

/** One of several objectives of a sweep. */
export type Compared = Omit<z.infer<typeof compared>, 'metric'> & { metric: MetricName | CostName | ToldName };

/** The objective of a sweep that names none. */
export function defaultObjective(kind: TaskKind): Objective {
  const [metric] = tasks[kind].metrics;
  return { metric, goal: metrics[metric].goal, use: 'best' };
}
