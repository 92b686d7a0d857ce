import type { StoppingSpec } from '@unroll/contracts';

/** How a sweep stops, whole. Defaults are those that the keys of the sweep file tell. */
export type Stopping = { readonly [Key in keyof StoppingSpec]-?: NonNullable<StoppingSpec[Key]> };

export function wholeStopping(given: StoppingSpec): Stopping {
  const {
    rule,
    minUpdates = 100,
    reductionFactor = 3,
    brackets = 3,
    minTrials = 5,
    patience = 5,
    minDelta = 0,
  } = given;
  return { rule, minUpdates, reductionFactor, brackets, minTrials, patience, minDelta };
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

/** A configuration that came to a rung before: what the rule noted of it, NaN for nothing. */
export interface RungEntry {
  configuration: number;
  value: number;
}

export interface Verdict {
  decision: 'continue' | 'stop';
  /** What is noted of this configuration at the rung, for those that come after it. */
  noted: number;
  /** In one line, for people. */
  why: string;
}

/**
 * Whether to go on. Rules are pure: a verdict is a function of the report and of what came to the rung before it, in the order of
 * their coming. The caller makes sure that a rung is asked by one at a time.
 */
export interface StoppingRule {
  readonly rule: Stopping['rule'];
  /**
   * Updates at which a configuration is judged, from the first; endless where the rule is. `every` is the distance of its reports: rungs
   * are multiples of it.
   */
  rungs(stopping: Stopping, configuration: number, every: number): Iterable<number>;
  decide(stopping: Stopping, report: RungReport, before: readonly RungEntry[]): Verdict;
}

/** Whether `a` is better than `b`; NaN is the worst, and one NaN no better than another. */
export const isBetter = (a: number, b: number): boolean => (Number.isNaN(b) ? !Number.isNaN(a) : a < b);

/** The least of a curve that is not NaN; NaN where there is none. */
export function bestOf(curve: readonly CurvePoint[]): number {
  return curve.reduce((best, { value }) => (isBetter(value, best) ? value : best), NaN);
}

/** `update` moved up to the next report. */
export const atReport = (update: number, every: number): number => Math.ceil(update / every) * every;

/** Geometric rungs: first, first·factor, first·factor², ..., each at a report and each once. */
export function* geometricRungs(first: number, factor: number, every: number): Iterable<number> {
  let before = 0;
  for (let resource = first; resource < 1e12; resource *= factor) {
    const rung = atReport(Math.round(resource), every);
    if (rung > before) yield rung;
    before = Math.max(before, rung);
  }
}
