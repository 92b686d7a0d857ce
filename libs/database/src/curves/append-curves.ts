import { jsonNumber } from '../json-number';
import type { CurvePoints } from './curve';

/** Points to append to the curves of trials, as `commit_work` takes them: a chunk for each curve. */
export function curveRows(
  work: readonly { attemptId: string; trialId: string; curves: readonly CurvePoints[] }[],
): Record<string, unknown>[] {
  return work.flatMap(({ attemptId: attempt, trialId: trial, curves }) =>
    curves.map(({ name, updates, values }) => ({ attempt, trial, name, updates, values: values.map(jsonNumber) })),
  );
}
