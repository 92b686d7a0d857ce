import type { Objective, TrialReport } from '@unroll/contracts';

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
