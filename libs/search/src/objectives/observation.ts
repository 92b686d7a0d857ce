import type { Point } from '../space/point';

/** What became of one configuration. */
export interface Observation {
  /** Number of the configuration. */
  number: number;
  point: Point;
  /** What it reached, one for each objective, less is better; NaN where it failed, diverged or never reported. */
  values: readonly number[];
  /** Part of its training that it had: 1 where nothing ended it early. */
  share: number;
}

const isValued = ({ values }: Observation): boolean => values.every(Number.isFinite);

/**
 * Order of two outcomes, the better one first: those that trained longer before those that a rule ended, for a rule ends the
 * worse ones, and those without a value last. Total: the earlier of two equals comes first.
 */
export function compareOutcomes(a: Observation, b: Observation): number {
  const [valuedA, valuedB] = [isValued(a), isValued(b)];
  if (!valuedA || !valuedB) return Number(valuedB) - Number(valuedA) || a.number - b.number;
  return b.share - a.share || a.values[0]! - b.values[0]! || a.number - b.number;
}
