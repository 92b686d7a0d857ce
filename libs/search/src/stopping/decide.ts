import { signOf, type Objective } from '@unroll/contracts';
import { getRule } from '.';
import type { CurvePoint, RungEntry, RungReport, Stopping, Verdict } from './rule';

/**
 * The mean of the curves of a configuration's seeds up to `update`, at the updates that all have; undefined while one has no value there.
 * A value that is not finite makes the mean NaN.
 */
export function meanCurve(
  curves: readonly { updates: readonly number[]; values: readonly number[] }[],
  update: number,
): CurvePoint[] | undefined {
  const [first, ...others] = curves.map(
    ({ updates, values }) => new Map(updates.map((each, index) => [each, values[index]!])),
  );
  if (!first || ![first, ...others].every((curve) => curve.has(update))) return undefined;
  return [...first.keys()]
    .filter((each) => each <= update && others.every((curve) => curve.has(each)))
    .sort((a, b) => a - b)
    .map((each) => {
      const mean = [first, ...others].reduce((sum, curve) => sum + curve.get(each)!, 0) / curves.length;
      return { update: each, value: Number.isFinite(mean) ? mean : NaN };
    });
}

/** What a sweep's rule says to a curve as it was measured, where `before` are those that came to the rung before, in order. */
export function decideAt(
  stopping: Stopping,
  goal: Objective['goal'],
  { configuration, rung, curve }: RungReport,
  before: readonly { configuration: number; score: number }[],
): Verdict {
  const sign = signOf({ goal });
  const lessIsBetter = curve.map(({ update, value }) => ({ update, value: value * sign }));
  const entries = before.map(({ configuration: each, score }): RungEntry => ({ configuration: each, value: score }));
  return getRule(stopping).decide(stopping, { configuration, rung, curve: lessIsBetter }, entries);
}
