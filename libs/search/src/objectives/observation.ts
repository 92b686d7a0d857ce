import type { Point } from '../space/point';

/** The outcome of one configuration. */
export interface Observation {
  /** Number of the configuration. */
  number: number;
  point: Point;
  /** One value per objective, lower is better; NaN if it failed, diverged or never reported. */
  values: readonly number[];
  /** Fraction of its training completed: 1 unless it ended early. */
  share: number;
}

/** Whether an outcome has a value for each objective. */
export const isValued = ({ values }: Observation): boolean => values.every(Number.isFinite);

/**
 * Total order of outcomes, best first: longer-trained before early-stopped ones, because stopping rules end the worse ones; those
 * without a value last; ties by number.
 */
export function compareOutcomes(a: Observation, b: Observation): number {
  const [valuedA, valuedB] = [isValued(a), isValued(b)];
  if (!valuedA || !valuedB) return Number(valuedB) - Number(valuedA) || a.number - b.number;
  return b.share - a.share || a.values[0]! - b.values[0]! || a.number - b.number;
}
