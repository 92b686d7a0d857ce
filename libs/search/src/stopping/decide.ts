import { goalSign, meanOf, type Objective } from '@unroll/contracts';
import { getRule } from '.';
import type { CurvePoint, RungEntry, RungReport, Stopping, Verdict } from './rule';

/**
 * The mean curve of a configuration's seeds up to `update`, at the updates that all of them have. Undefined until all have reached
 * `update`. A mean that is not finite is NaN.
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
      const mean = meanOf([first, ...others].map((curve) => curve.get(each)!));
      return { update: each, value: Number.isFinite(mean) ? mean : NaN };
    });
}

/**
 * The verdict of a sweep's stopping rule on a curve of measured values. `before`: the configurations that reached the rung earlier, in
 * order of arrival.
 */
export function decideAt(
  stopping: Stopping,
  goal: Objective['goal'],
  { configuration, rung, curve }: RungReport,
  before: readonly { configuration: number; score: number }[],
): Verdict {
  const sign = goalSign({ goal });
  const lessIsBetter = curve.map(({ update, value }) => ({ update, value: value * sign }));
  const entries = before.map(({ configuration: each, score }): RungEntry => ({ configuration: each, value: score }));
  return getRule(stopping).decide(stopping, { configuration, rung, curve: lessIsBetter }, entries);
}

/**
 * The reason to stop a configuration at a report after a rung that it passed as one of the first: what the arrivals since show. Undefined
 * where it continues. `arrivals`: all at the rung, in order.
 */
export function reconsider(
  stopping: Stopping,
  configuration: number,
  arrivals: readonly { configuration: number; score: number }[],
): string | undefined {
  const first = arrivals.slice(0, arrivalsNeeded(stopping));
  const entries = first.map(({ configuration: each, score }): RungEntry => ({ configuration: each, value: score }));
  return getRule(stopping).later?.reason(stopping, configuration, entries);
}

/** The number of arrivals at a rung with which a verdict is final; 0 if each is. */
export const arrivalsNeeded = (stopping: Stopping): number => getRule(stopping).later?.enough(stopping) ?? 0;
