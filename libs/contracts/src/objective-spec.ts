import { z } from 'zod';
import { costNames, metricNames, metrics, type CostName } from './metrics';
import { oneOf, strict } from './strict';
import { tasks, type TaskKind } from './tasks';

export const objective = strict({
  metric: oneOf(metricNames).describe('What is compared.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which way is better. Default: the metric's own."),
  use: oneOf(['best', 'last']).default('best').describe("Which of a trial's reports gives its value: its best or its last."),
}).transform(({ metric, goal, use }) => ({ metric, goal: goal ?? metrics[metric].goal, use }));

export type Objective = z.infer<typeof objective>;

/** 1 where less is better, −1 where more is: a value times it is better the smaller it is. */
export const signOf = ({ goal }: Pick<Objective, 'goal'>): 1 | -1 => (goal === 'minimize' ? 1 : -1);

const isCost = (name: string): name is CostName => costNames.some((cost) => cost === name);

const compared = strict({
  metric: oneOf([...metricNames, ...costNames]).describe('What is compared.'),
  goal: oneOf(['minimize', 'maximize']).optional().describe("Which way is better. Default: the metric's own."),
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

/** One of several things that a sweep optimises at once. */
export type Compared = z.infer<typeof compared>;

/** What is optimised where a sweep names no objective. */
export function defaultObjective(kind: TaskKind): Objective {
  const [metric] = tasks[kind].metrics;
  return { metric, goal: metrics[metric].goal, use: 'best' };
}
