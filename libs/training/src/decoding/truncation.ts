/** Which tokens may be drawn. */
export interface Truncation {
  /** The k likeliest tokens (Fan et al. 2018); undefined for all. */
  topK?: number | undefined;
  /** The fewest likeliest tokens that have this probability together, 0 to 1 (nucleus, Holtzman et al. 2020); undefined for all. */
  topP?: number | undefined;
}

/**
 * Log-probabilities, up to a constant, with −∞ for the tokens that are left out: first all but the k likeliest, then those outside of the
 * nucleus of what remains. At least the likeliest token stays; of equally likely ones, those with the lower numbers.
 */
export function truncated(scores: Float32Array, { topK = Infinity, topP = 1 }: Truncation): Float32Array {
  if (topK >= scores.length && topP >= 1) return scores;
  const ordered = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const kept = ordered.slice(0, topK);
  const most = scores[kept[0]!]!;
  const weights = kept.map((token) => Math.exp(scores[token]! - most));
  const wanted = topP * weights.reduce((a, b) => a + b, 0);
  let [reached, count] = [0, 0];
  while (count < kept.length && (count === 0 || reached < wanted)) reached += weights[count++]!;
  const result = new Float32Array(scores.length).fill(-Infinity);
  for (const token of kept.slice(0, count)) result[token] = scores[token]!;
  return result;
}
