import type { Stopping, StoppingVerdictRule } from '@unroll/contracts';

export { wholeStopping, type Stopping } from '@unroll/contracts';

/** How a configuration comes along. */
export interface Pace {
  /** Updates from one of its reports to the next. */
  every: number;
  /** Updates that one unit of the rule takes. */
  perUnit: number;
}

/** What a configuration had measured by an update; less is better, NaN is the worst. The mean where it is repeated. */
export interface CurvePoint {
  update: number;
  value: number;
}

/** A configuration that has come to a rung. */
export interface RungReport {
  /** Number of the configuration, from 0. */
  configuration: number;
  /** Number of the rung, from 0. */
  rung: number;
  /** All that it measured up to here, in order; the last is at the rung. Never empty. */
  curve: readonly CurvePoint[];
}

/** The score that a rule gave to a configuration that reached the rung earlier; NaN for none. */
export interface RungEntry {
  configuration: number;
  value: number;
}

export interface Verdict {
  decision: 'continue' | 'stop';
  /** The score of this configuration at the rung, which later ones are compared with; lower is better. */
  score: number;
  /** In one line, for people. */
  why: string;
}

/**
 * Whether to go on. Rules are pure: a verdict is a function of the report and of what came to the rung before it, in the order of
 * their coming. The caller makes sure that a rung is asked by one at a time.
 */
export interface StoppingRule {
  readonly rule: StoppingVerdictRule;
  /**
   * The rung at a report after `update`, from 0; undefined where none is exactly there. Rungs are reports: of several that fall on one it
   * is the last.
   */
  rungAt(stopping: Stopping, configuration: number, update: number, pace: Pace): number | undefined;
  decide(stopping: Stopping, report: RungReport, before: readonly RungEntry[]): Verdict;
}

/** Whether `a` is better than `b`; NaN is the worst, and one NaN no better than another. */
export const isBetter = (a: number, b: number): boolean => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);

/** The least of a curve that is not NaN; NaN where there is none. */
export function lowestValue(curve: readonly CurvePoint[]): number {
  return curve.reduce((best, { value }) => (isBetter(value, best) ? value : best), NaN);
}

/** `update` moved up to the next report. */
export const atReport = (update: number, { every }: Pace): number => Math.max(1, Math.ceil(update / every)) * every;

/** The number of the last of first, first·factor, first·factor², ... units that lies at this report, each moved up to one. */
export function geometricRung(first: number, factor: number, update: number, pace: Pace): number | undefined {
  let found: number | undefined;
  for (let [number, resource] = [0, first]; ; number += 1, resource *= factor) {
    const rung = atReport(Math.round(resource * pace.perUnit), pace);
    if (rung === update) found = number;
    if (rung > update) return found;
  }
}

/** Every report from the first that is far enough. */
export function laterReport({ minimum }: Stopping, update: number, pace: Pace): number | undefined {
  const number = (update - atReport(minimum * pace.perUnit, pace)) / pace.every;
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}
