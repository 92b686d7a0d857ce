import { meanVariance, momentsOf } from '@unroll/contracts';
import { jStat } from 'jstat';

/**
 * The p-value of the one-sided corrected resampled t-test (Nadeau and Bengio 2003) that paired differences over `folds` parts of the data
 * tend to be positive. The training sets of folds overlap: a test that takes their differences for independent draws finds a difference
 * where there is none more often than it says. An infinite difference counts as the largest finite one. If all are equal, p is 0, or 1 if
 * they are not positive. There must be at least two.
 */
export function resampledP(differences: readonly number[], folds: number): number {
  const n = differences.length;
  const most = Math.max(0, ...differences.filter(Number.isFinite).map(Math.abs)) || 1;
  const bounded = differences.map((difference) => Math.min(most, Math.max(-most, difference)));
  const { mean, squares } = momentsOf(bounded);
  if (squares === 0) return mean > 0 ? 0 : 1;
  return jStat.studentt.cdf(-mean / Math.sqrt((squares / (n - 1)) * meanVariance(n, folds)), n - 1);
}
