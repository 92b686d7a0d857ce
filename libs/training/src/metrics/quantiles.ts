import { jStat } from 'jstat';

/** Degrees of freedom are rounded to steps of 0.2 %, so that each quantile is computed once: it then is off by less than 0.1 %. */
const stepsPerUnit = 500;
const known = new Map<string, number>();

function remembered(key: string, compute: () => number): number {
  const value = known.get(key) ?? compute();
  known.set(key, value);
  return value;
}

/** The quantile of the standard normal distribution. */
export const normalQuantile = (level: number): number => remembered(`${level}`, () => jStat.normal.inv(level, 0, 1));

/** The quantile of Student's t with `freedom` degrees of freedom, of which more than 10,000 are as many as infinitely many. */
export function studentQuantile(level: number, freedom: number): number {
  if (!(freedom < 10_000)) return normalQuantile(level);
  const step = Math.round(Math.log(freedom) * stepsPerUnit);
  return remembered(`${level} ${step}`, () => jStat.studentt.inv(level, Math.exp(step / stepsPerUnit)));
}

/** Deviations below the mean from which a distribution is summed: what lies below is less than float64 holds of the sum. */
const tail = 12;
/** Counts that are summed at most. */
const mostCounts = 1e7;

/** The deviation of counts above which their distribution is taken as continuous: sums take longer the wider it is. */
const continuousFrom = 1000;
/** The shape of a gamma distribution above which a quantile follows from its skewness. */
const manyShapes = 1e4;

/**
 * The quantiles at ascending levels of a negative binomial distribution: of counts with the variance mean + mean² / size. Sums its
 * probabilities, of which each follows from the one before: P(k + 1) = P(k)·(k + size)/(k + 1)·mean/(mean + size). A wide one is taken as
 * the gamma distribution of the same mean and variance, which is off by about a count where that is a thousandth of the deviation.
 */
export function negativeBinomialQuantiles(
  { mean, size }: { mean: number; size: number },
  levels: readonly number[],
): number[] {
  if (!Number.isFinite(mean) || !(size > 0)) return levels.map(() => NaN);
  const deviation = Math.sqrt(mean + (mean * mean) / size);
  if (deviation > continuousFrom) return levels.map((level) => Math.round(gammaQuantile(level, mean, deviation)));
  const first = Math.max(0, Math.floor(mean - tail * deviation));
  const odds = Math.log(mean / (mean + size));
  let logarithm =
    jStat.gammaln(first + size) -
    jStat.gammaln(first + 1) -
    jStat.gammaln(size) -
    size * Math.log1p(mean / size) +
    (first === 0 ? 0 : first * odds);
  let [count, sum] = [first, Math.exp(logarithm)];
  return levels.map((level) => {
    while (sum < level && count < first + mostCounts) {
      logarithm += Math.log((count + size) / (count + 1)) + odds;
      count += 1;
      const more = Math.exp(logarithm);
      // Rounding may keep the sum below a level next to 1.
      if (count > mean && more < sum * Number.EPSILON) break;
      sum += more;
    }
    return count;
  });
}

/** The quantile of a gamma distribution; one that is nearly normal by its expansion to the skewness (Cornish and Fisher 1938). */
function gammaQuantile(level: number, mean: number, deviation: number): number {
  const shape = (mean / deviation) ** 2;
  const below = Math.min(level, 1 - Number.EPSILON);
  if (shape < manyShapes) return jStat.gamma.inv(below, shape, mean / shape);
  const z = normalQuantile(below);
  return Math.max(0, mean + deviation * (z + (z * z - 1) / (3 * Math.sqrt(shape))));
}
