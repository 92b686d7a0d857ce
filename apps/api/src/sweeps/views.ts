import type { SweepView, TrialCounts } from '@unroll/contracts';
import type { Sweep } from '@unroll/database';

export function sweepView(sweep: Sweep, trials: TrialCounts, best: SweepView['best']): SweepView {
  const { id, name, state, total, objective, spec, message, ranSeconds, runningSince, createdAt, finishedAt } = sweep;
  return {
    id,
    name,
    state,
    trials,
    total,
    best,
    objective,
    objectives: spec.objectives ?? [{ metric: objective.metric, goal: objective.goal }],
    spec: { ...spec },
    message,
    ranSeconds,
    runningSince: runningSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
