import {
  defaultObjective,
  taskKinds,
  taskMetrics,
  ValidationError,
  type Objective,
  type SweepSpec,
  type TaskKind,
  type TrialReport,
} from '@unroll/contracts';
import { distributions } from './space';

/** The kinds of task that a sweep may draw. */
export function kindsOf(task: unknown): TaskKind[] {
  const listed = distributions(task).flatMap(([path, each]) =>
    path === '' || path === 'kind' ? ('choice' in each ? each.choice : 'grid' in each ? each.grid : []) : [],
  );
  const named = [task, ...listed].map((each) =>
    typeof each === 'string' ? each : (Object(each) as { kind?: unknown }).kind,
  );
  return taskKinds.filter((kind) => named.includes(kind));
}

/**
 * What a sweep optimises: what it names, or its task's own.
 * @throws ValidationError for a metric that its task does not measure, and where tasks of several kinds share none
 */
export function objectiveOf({ task, objective }: Pick<SweepSpec, 'task' | 'objective'>): Objective {
  const kinds = kindsOf(task);
  if (!objective) {
    const own = kinds.map(defaultObjective);
    if (own.length > 0 && own.every(({ metric }) => metric === own[0]!.metric)) return own[0]!;
    throw new ValidationError([
      {
        path: 'objective',
        message: 'is missing: tasks of several kinds are compared, so name the metric that they share',
      },
    ]);
  }
  const { metric } = objective;
  const without = kinds.find((kind) => !isMeasured(metric, kind));
  if (without === undefined) return objective;
  const others = ['validation.loss', ...taskMetrics[without]].join(', ');
  throw new ValidationError([
    { path: 'objective.metric', message: `${metric} is not measured by ${without}; it has ${others}` },
  ]);
}

const isMeasured = (metric: string, kind: TaskKind): boolean =>
  metric.startsWith('train.') ||
  metric === 'validation.loss' ||
  (taskMetrics[kind] as readonly string[]).includes(metric);

/** The report that gives a trial its value so far. */
export interface Standing {
  value: number | null;
  update: number;
  metrics: Record<string, number>;
}

export const noStanding: Standing = { value: null, update: 0, metrics: {} };

/** A trial's standing after one more report: its best by the objective, or the last. A value that is not finite never wins. */
export function standingAfter(
  { metric, goal, use }: Objective,
  before: Standing,
  { update, metrics }: TrialReport,
): Standing {
  const value = metrics[metric];
  if (value === undefined || !Number.isFinite(value)) return before;
  const better = before.value === null || (goal === 'minimize' ? value < before.value : value > before.value);
  return better || use === 'last' ? { value, update, metrics } : before;
}
