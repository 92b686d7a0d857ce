import { differencesOf, inUnit, meanVariance, momentsOf, unitOf } from '@unroll/contracts';
import { jStat } from 'jstat';

export type Interval = [low: number, high: number];

/**
 * 95 % confidence interval of the mean of `n` values with this standard deviation (Student 1908); null for fewer than two. `folds`: of
 * cross-validation, if they are among the values.
 */
export function confidenceInterval(mean: number, deviation: number | null, n: number, folds = 1): Interval | null {
  if (deviation === null || n < 2 || ![mean, deviation].every(Number.isFinite)) return null;
  const unit = unitOf([mean, deviation]);
  const half = quantile(n - 1) * (deviation / unit) * Math.sqrt(meanVariance(n, folds));
  return [inUnit(mean / unit - half, unit), inUnit(mean / unit + half, unit)];
}

/** Cache by degrees of freedom: a page needs the same one 50 times, and the inverse is computed iteratively. */
const quantiles = new Map<number, number>();

/** The 97.5 % quantile of Student's t. */
function quantile(degrees: number): number {
  const known = quantiles.get(degrees) ?? jStat.studentt.inv(0.975, degrees);
  quantiles.set(degrees, known);
  return known;
}

export interface Summary {
  n: number;
  mean: number | null;
  deviation: number | null;
  interval: Interval | null;
}

/** Mean, sample standard deviation (n − 1) and confidence interval. `folds`: of cross-validation, if they are among the values. */
export function summarize(values: readonly number[], folds = 1): Summary {
  const n = values.length;
  if (n === 0) return { n, mean: null, deviation: null, interval: null };
  const { unit, mean, squares } = momentsOf(values);
  const deviation = n < 2 ? null : Math.sqrt(squares / (n - 1));
  return inUnits({ n, mean, deviation, interval: confidenceInterval(mean, deviation, n, folds) }, unit);
}

/** A summary of values that were divided by a unit. */
const inUnits = ({ n, mean, deviation, interval }: Summary, unit: number): Summary => ({
  n,
  mean: mean === null ? null : inUnit(mean, unit),
  deviation: deviation === null ? null : inUnit(deviation, unit),
  interval: interval && [inUnit(interval[0], unit), inUnit(interval[1], unit)],
});

/** The differences of pairs, and the p-value of `pairedP`, which is that of multiples of them where a double does not hold them. */
export function summarizePairs(
  pairs: readonly (readonly [number, number])[],
  folds = 1,
): { difference: Summary; p: number } {
  const { unit: times, values } = differencesOf(pairs);
  const unit = unitOf(values);
  const multiples = summarize(
    values.map((value) => value / unit),
    folds,
  );
  return { difference: inUnits(inUnits(multiples, unit), times), p: pairedP(multiples, folds) };
}

/**
 * Two-sided p-value of the paired t-test (Student 1908): that the mean of the differences is 0. Over folds it is the corrected resampled
 * t-test of Nadeau and Bengio (2003). If all differences are equal, p is 0, or 1 if they are 0.
 */
export function pairedP({ n, mean, deviation }: Summary, folds = 1): number {
  if (mean === 0) return 1;
  if (!deviation) return 0;
  return 2 * jStat.studentt.cdf(-Math.abs(mean! / (deviation * Math.sqrt(meanVariance(n, folds)))), n - 1);
}
