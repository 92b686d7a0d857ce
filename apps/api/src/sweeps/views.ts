import type { LeaderboardRow, Objective, SweepView, TrialCounts } from '@unroll/contracts';
import type { BoardRow, Sweep } from '@unroll/database';

export function sweepView(sweep: Sweep, trials: TrialCounts, best: SweepView['best']): SweepView {
  const { id, name, state, total, objective, spec, message, createdAt, finishedAt } = sweep;
  return {
    id,
    name,
    state,
    trials,
    total,
    best,
    objective,
    spec: { ...spec },
    message,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export function boardRow(row: BoardRow, sweepId: string, { metric }: Objective, rank: number): LeaderboardRow {
  const { configuration: _, finishedAt, ...rest } = row;
  return { rank, sweepId, name: null, metric, ...rest, finishedAt: finishedAt?.toISOString() ?? null };
}

/** A baseline as a row of the board; none where it does not measure the board's metric. */
export function baselineRow(
  baseline: { name: string; metrics: Record<string, number> },
  sweepId: string,
  { metric }: Objective,
): LeaderboardRow[] {
  const value = baseline.metrics[metric];
  if (value === undefined) return [];
  return [
    {
      rank: null,
      trialId: null,
      sweepId,
      name: baseline.name,
      value,
      deviation: null,
      metric,
      parameters: {},
      seed: null,
      repeats: 1,
      metrics: baseline.metrics,
      state: 'baseline',
      updates: 0,
      seconds: null,
      engine: null,
      lanes: null,
      finishedAt: null,
    },
  ];
}
