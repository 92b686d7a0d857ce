import type { Stopping, StoppingVerdictRule } from '@unroll/contracts';

export { wholeStopping, type Stopping } from '@unroll/contracts';

/** How often a configuration reports, and how long a unit of the rule is. */
export interface Pace {
  /** Updates from one report to the next. */
  every: number;
  /** Updates per unit of the rule. */
  perUnit: number;
}

/** The value of a configuration at an update, as the mean over its seeds; lower is better, NaN is the worst. */
export interface CurvePoint {
  update: number;
  value: number;
}

/** The report of a configuration that has reached a rung. */
export interface RungReport {
  /** Number of the configuration, from 0. */
  configuration: number;
  /** Number of the rung, from 0. */
  rung: number;
  /** All values up to and including the rung, in order. Never empty. */
  curve: readonly CurvePoint[];
}

/** The score of a configuration that reached the rung earlier; NaN if it has none. */
export interface RungEntry {
  configuration: number;
  value: number;
}

export interface Verdict {
  decision: 'continue' | 'stop';
  /** The score of this configuration at the rung, which later configurations are compared with; lower is better. */
  score: number;
  /** The reason, as one line of text. */
  why: string;
}

/**
 * Decides at rungs whether a configuration continues. Rules are pure: a verdict is a function of the report and of the entries that reached
 * the rung before it, in order of arrival. The caller serialises the decisions of a rung.
 */
export interface StoppingRule {
  readonly rule: StoppingVerdictRule;
  /**
   * The number of the rung at the report after `update`, from 0; undefined if there is none. If several rungs fall on one report, the
   * last of them counts.
   */
  rungAt(stopping: Stopping, configuration: number, update: number, pace: Pace): number | undefined;
  decide(stopping: Stopping, report: RungReport, before: readonly RungEntry[]): Verdict;
  /** The first that reach a rung are hardly compared with anything: what judges them again. Absent: the first verdict is final. */
  readonly later?: LaterVerdict;
}

/** A second verdict, at a later report, on a configuration that was among the first at the last rung that it passed. */
export interface LaterVerdict {
  /** The number of arrivals at a rung with which a verdict is final. */
  enough(stopping: Stopping): number;
  /** The reason to stop. `arrivals`: the first at the rung, in order, at most `enough`, with `configuration` among them. */
  reason(stopping: Stopping, configuration: number, arrivals: readonly RungEntry[]): string | undefined;
}

/** Whether `a` is better than `b`. Lower is better; NaN is the worst, and equal to NaN. */
export const isBetter = (a: number, b: number): boolean => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);

/** The lowest value of a curve, ignoring NaN; NaN if there is no other value. */
export function lowestValue(curve: readonly CurvePoint[]): number {
  return curve.reduce((best, { value }) => (isBetter(value, best) ? value : best), NaN);
}

/** `update` rounded up to the next report. */
export const atReport = (update: number, { every }: Pace): number => Math.max(1, Math.ceil(update / every)) * every;

/** The last of the rungs first, first·factor, first·factor², ... units, each rounded up to a report, that is at `update`. */
export function geometricRung(first: number, factor: number, update: number, pace: Pace): number | undefined {
  let found: number | undefined;
  for (let [number, resource] = [0, first]; ; number += 1, resource *= factor) {
    const rung = atReport(Math.round(resource * pace.perUnit), pace);
    if (rung === update) found = number;
    if (rung > update) return found;
  }
}

/** A rung at every report from `minimum` units on. */
export function laterReport({ minimum }: Stopping, update: number, pace: Pace): number | undefined {
  const number = (update - atReport(minimum * pace.perUnit, pace)) / pace.every;
  return Number.isInteger(number) && number >= 0 ? number : undefined;
}
