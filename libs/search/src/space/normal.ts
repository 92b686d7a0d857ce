/**
 * The standard normal cumulative distribution function, with a relative error below 1e-15 unless it is tiny (W. J. Cody's rational
 * approximations, after G. West, "Better approximations to cumulative normal functions", 2005).
 */
export function normalCumulative(x: number): number {
  const size = Math.abs(x);
  const upper = size > 37 ? 0 : upperTail(size);
  return x > 0 ? 1 - upper : upper;
}

const numerator = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688,
  0.0352624965998911,
];
const denominator = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207,
  1.75566716318264, 0.0883883476483184,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let index = coefficients.length - 1; index >= 0; index -= 1) sum = sum * x + coefficients[index]!;
  return sum;
}

function upperTail(size: number): number {
  const weight = Math.exp((-size * size) / 2);
  if (size < 7.07106781186547) return (weight * polynomial(numerator, size)) / polynomial(denominator, size);
  const fraction = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
  return weight / fraction / 2.506628274631;
}

/** Density of the standard normal distribution. */
export const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

const centre = {
  up: [
    2.506628277459239, -30.66479806614716, 138.357751867269, -275.9285104469687, 220.9460984245205, -39.69683028665376,
  ],
  down: [1, -13.28068155288572, 66.80131188771972, -155.6989798598866, 161.5858368580409, -54.47609879822406],
};
const tail = {
  up: [
    2.938163982698783, 4.374664141464968, -2.549732539343734, -2.400758277161838, -0.3223964580411365,
    -0.007784894002430293,
  ],
  down: [1, 3.754408661907416, 2.445134137142996, 0.3224671290700398, 0.007784695709041462],
};

/** Smallest argument of the quantile function, to keep its tails finite. */
const least = 2 ** -54;

/** The inverse of `normalCumulative` for u in [0, 1): P. J. Acklam's approximation and one step of Halley's method. Finite. */
export function normalQuantile(u: number): number {
  const p = Math.min(1 - least, Math.max(least, u));
  const x = approximateQuantile(p);
  const error = (normalCumulative(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
  return x - error / (1 + (x * error) / 2);
}

function approximateQuantile(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tail.up, q) / polynomial(tail.down, q);
  }
  if (p > 1 - 0.02425) return -approximateQuantile(1 - p);
  const q = p - 0.5;
  return (q * polynomial(centre.up, q * q)) / polynomial(centre.down, q * q);
}
