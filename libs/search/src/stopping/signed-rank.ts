import { normalCumulative } from '../space/normal';
import { midRanks } from './mid-ranks';

/** Most differences of which the exact distribution is computed, as in SciPy. */
const mostExact = 50;

/**
 * The p-value of the one-sided Wilcoxon signed-rank test that paired differences tend to be positive: the probability, were every sign a
 * fair coin, of a sum of positive ranks that is at least this large. Exact for up to 50 differences, also where magnitudes tie: the
 * distribution is that of the ranks as they are. For more, the normal approximation with the variance of these ranks.
 *
 * Zeros are treated as by Pratt (1959): they take part in the ranking and count for neither side. Left out before the ranking, as by
 * Wilcoxon (1945), they would raise the weight of the few pairs that differ. An infinite difference ranks above all finite ones.
 */
export function signedRankP(differences: readonly number[]): number {
  const ranks = midRanks(differences.map(Math.abs));
  const nonZero = [...differences.keys()].filter((index) => differences[index] !== 0);
  // Mid-ranks are multiples of a half; the test counts them from 1.
  const doubled = nonZero.map((index) => 2 * ranks[index]! + 2);
  const positive = nonZero.reduce((sum, index, at) => sum + (differences[index]! > 0 ? doubled[at]! : 0), 0);
  return doubled.length > mostExact ? approximateTail(doubled, positive) : exactTail(doubled, positive);
}

/** P(sum ≥ `least`), where the sum takes each rank with probability 1/2: dynamic programming over sums. */
function exactTail(ranks: readonly number[], least: number): number {
  const largest = ranks.reduce((a, b) => a + b, 0);
  const probabilities = new Float64Array(largest + 1);
  probabilities[0] = 1;
  for (const rank of ranks)
    for (let sum = largest; sum >= 0; sum -= 1)
      probabilities[sum] = (probabilities[sum]! + (sum >= rank ? probabilities[sum - rank]! : 0)) / 2;
  return probabilities.subarray(least).reduce((a, b) => a + b, 0);
}

function approximateTail(ranks: readonly number[], least: number): number {
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const variance = ranks.reduce((sum, rank) => sum + rank ** 2, 0) / 4;
  return 1 - normalCumulative((least - mean) / Math.sqrt(variance));
}
