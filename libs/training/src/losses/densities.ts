/** The deviation that a distribution has at least, in the unit of the targets. */
export const leastDeviation = 1e-4;
/** Degrees of freedom are more, so that a variance exists. */
export const leastFreedom = 2;

/** ln(1 + eˣ), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Its slope, the logistic function. */
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Steps after which the series of Stirling below are of a rounding. */
const shifted = 6;

/** ln Γ(x) for x ≥ 1, by Stirling's series at x + 6; error below 1e-10. */
function logGamma(x: number): number {
  let product = 1;
  for (let step = 0; step < shifted; step++) product *= x + step;
  const z = x + shifted;
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** Its slope, ψ(x), by the same shift; error below 1e-9. */
function digamma(x: number): number {
  let sum = 0;
  for (let step = 0; step < shifted; step++) sum += 1 / (x + step);
  const z = x + shifted;
  const square = 1 / (z * z);
  return Math.log(z) - 0.5 / z - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240))) - sum;
}

/** −ln of a density at `target` in nats, from the raw numbers of a network, whose slopes are written into `slopes`. */
type Density = (numbers: Float64Array, target: number, slopes: Float64Array) => number;

/** Of a normal distribution, from mean and raw deviation. */
const normal: Density = (numbers, target, slopes) => {
  const [mean, raw] = [numbers[0]!, numbers[1]!];
  const deviation = softplus(raw) + leastDeviation;
  const z = (target - mean) / deviation;
  slopes[0] = -z / deviation;
  slopes[1] = ((1 - z * z) / deviation) * logistic(raw);
  return Math.log(deviation) + 0.5 * z * z + 0.5 * Math.log(2 * Math.PI);
};

/** Of Student's t, from location, raw scale and raw degrees of freedom. */
const student: Density = (numbers, target, slopes) => {
  const [location, rawScale, rawFreedom] = [numbers[0]!, numbers[1]!, numbers[2]!];
  const scale = softplus(rawScale) + leastDeviation;
  const freedom = softplus(rawFreedom) + leastFreedom;
  const z = (target - location) / scale;
  const half = 0.5 * (freedom + 1);
  const tail = Math.log1p((z * z) / freedom);
  const pull = (freedom + 1) / (freedom + z * z);
  slopes[0] = (-pull * z) / scale;
  slopes[1] = ((1 - pull * z * z) / scale) * logistic(rawScale);
  slopes[2] =
    0.5 * (digamma(0.5 * freedom) - digamma(half) + tail + (1 - pull * z * z) / freedom) * logistic(rawFreedom);
  return logGamma(0.5 * freedom) - logGamma(half) + half * tail + Math.log(scale) + 0.5 * Math.log(freedom * Math.PI);
};

/** Densities by the name of their distribution, with how many numbers they have for each target. */
export const densities: Readonly<Record<'normal' | 'student-t', { perTarget: number; of: Density }>> = {
  normal: { perTarget: 2, of: normal },
  'student-t': { perTarget: 3, of: student },
};
