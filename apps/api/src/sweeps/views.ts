import { toMeasure, type SweepView, type TrialCounts } from '@unroll/contracts';
import type { LoggedEdit, Sweep } from '@unroll/database';

export function sweepView(
  sweep: Sweep,
  trials: TrialCounts,
  best: { trialId: string; value: number } | null,
  edits: readonly LoggedEdit[],
): SweepView {
  const { id, name, owner, priority, clonedFrom, state, total, objective, spec, message } = sweep;
  const { ranSeconds, runningSince, createdAt, finishedAt } = sweep;
  return {
    id,
    name,
    owner,
    priority,
    clonedFrom,
    state,
    trials,
    total,
    best: best && { ...best, value: toMeasure(best.value) },
    objective,
    objectives: spec.objectives ?? [{ metric: objective.metric, goal: objective.goal }],
    spec: { ...spec },
    edits: edits.map(({ first, changed, withdrawn, createdAt: at }) => ({
      at: at.toISOString(),
      first,
      changed,
      withdrawn,
    })),
    note: sweep.note,
    tags: sweep.tags,
    archived: sweep.archivedAt !== null,
    message,
    ranSeconds,
    runningSince: runningSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
