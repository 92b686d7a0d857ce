import {
  distributions,
  getOptions,
  defaultObjective,
  isStudy,
  metrics,
  taskKinds,
  tasks,
  ValidationError,
  type Compared,
  type Objective,
  type SweepSpec,
  type TaskKind,
  type TrialReport,
} from '@unroll/contracts';

/** The kinds of task in a sweep's space. */
export function getTaskKinds(task: unknown): TaskKind[] {
  const listed = distributions(task).flatMap(([path, each]) =>
    path === '' || path === 'kind' ? getOptions(each) : [],
  );
  const named = [task, ...listed].map((each) =>
    typeof each === 'string' ? each : (Object(each) as { kind?: unknown }).kind,
  );
  return taskKinds.filter((kind) => named.includes(kind));
}

/**
 * The objective of a sweep: as specified, or the default of its task.
 * @throws ValidationError for a metric that a task does not measure, or if there are several kinds of task and no common default
 */
export function getObjective(spec: Pick<SweepSpec, 'task' | 'parameters' | 'objective' | 'objectives'>): Objective {
  const { task, objective: one, objectives } = spec;
  // A study names its own, which no task measures.
  if (isStudy(spec) && one) return one;
  const kinds = getTaskKinds(task);
  // The first of several objectives chooses the report whose values count, so it cannot be a cost.
  const objective = one ?? (objectives && ({ ...objectives[0]!, use: 'best' } as Objective));
  for (const [index, { metric }] of (objectives ?? []).entries())
    requireMeasured(metric, kinds, `objectives[${index}]`);
  if (!objective) {
    const own = kinds.map(defaultObjective);
    if (own.length > 0 && own.every(({ metric }) => metric === own[0]!.metric)) return own[0]!;
    throw new ValidationError([
      {
        path: 'objective',
        message: 'is missing: the sweep has several kinds of task, so name a metric that all of them measure',
      },
    ]);
  }
  if (!objectives) requireMeasured(objective.metric, kinds, 'objective');
  return objective;
}

/** All objectives of a sweep in their order, at least one. @throws ValidationError as `getObjective` does */
export function getObjectives(spec: Pick<SweepSpec, 'task' | 'parameters' | 'objective' | 'objectives'>): Compared[] {
  const { metric, goal } = getObjective(spec);
  return spec.objectives ?? [{ metric, goal }];
}

function requireMeasured(metric: Compared['metric'], kinds: readonly TaskKind[], path: string): void {
  const without = kinds.find((kind) => !isMeasured(metric, kind));
  if (without === undefined) return;
  const others = ['validation.loss', ...tasks[without].metrics].join(', ');
  throw new ValidationError([
    { path: `${path}.metric`, message: `${metric} is not measured by ${without}, which measures ${others}` },
  ]);
}

const isMeasured = (metric: Compared['metric'], kind: TaskKind): boolean =>
  metrics[metric].isOfEveryTask || tasks[kind].metrics.some((own) => own === metric);

/** The report that a trial's value is taken from so far. */
export interface Standing {
  value: number | null;
  update: number;
  metrics: Record<string, number>;
}

export const noStanding: Standing = { value: null, update: 0, metrics: {} };

/**
 * A trial's standing after another report: the best report by the objective, or the last. An infinite value counts if it is the worst that
 * there can be: a perplexity that overflows. The other infinity, and what is not a number, is ignored.
 */
export function standingAfter(
  { metric, goal, use }: Objective,
  before: Standing,
  { update, metrics }: TrialReport,
): Standing {
  const value = metrics[metric];
  const impossible = goal === 'minimize' ? -Infinity : Infinity;
  if (value === undefined || Number.isNaN(value) || value === impossible) return before;
  const better = before.value === null || (goal === 'minimize' ? value < before.value : value > before.value);
  return better || use === 'last' ? { value, update, metrics } : before;
}
