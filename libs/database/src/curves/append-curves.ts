import type { CurvePoints } from './curve';

/** JSON has no NaN; PostgreSQL reads its name. */
const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** Points to append to the curves of trials, as `commit_work` takes them: a chunk for each curve. */
export function curveRows(
  work: readonly { attemptId: string; trialId: string; curves: readonly CurvePoints[] }[],
): Record<string, unknown>[] {
  return work.flatMap(({ attemptId: attempt, trialId: trial, curves }) =>
    curves.map(({ name, updates, values }) => ({ attempt, trial, name, updates, values: values.map(jsonNumber) })),
  );
}
