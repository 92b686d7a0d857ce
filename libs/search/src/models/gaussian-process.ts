import { cholesky, inverse, solveLower, solveUpper, type Matrix } from './cholesky';
import type { Dimension } from '../space/dimension';
import type { Point } from '../space/point';

/** Logarithms of the length scale of each dimension, followed by that of the noise's share of the variance. */
export type Hyperparameters = Float64Array;

const root5 = Math.sqrt(5);
/**
 * Log-normal priors of a length scale and of the noise: mean and deviation of the logarithm. Distances grow with the root of the number of
 * dimensions, and so do the length scales (Hvarfner et al. 2024): most parameters of a network matter little.
 */
const lengthPrior = (dimensions: number) => ({
  mean: Math.log(0.5 * Math.sqrt(Math.max(1, dimensions))),
  deviation: 1,
});
const noisePrior = { mean: Math.log(1e-3), deviation: 2 };
const bounds = { length: [Math.log(0.02), Math.log(20)], noise: [Math.log(1e-7), Math.log(1)] } as const;
/** Points after which a deviation is compared with what it must exceed. */
const checked = 32;
/** Jitter added to the diagonal, tenfold if rounding leaves the matrix not positive definite. */
const jitter = 1e-8;

/** Squared distance in one dimension: 1 between different options, and between an existing and a missing value. */
export function squaredDistance(isList: boolean, a: number, b: number): number {
  const difference = a - b;
  if (!Number.isNaN(difference)) return isList ? Number(difference !== 0) : difference * difference;
  return Number.isNaN(a) && Number.isNaN(b) ? 0 : 1;
}

/** Matérn 5/2 at distance r. */
const matern = (r: number): number => (1 + root5 * r + (5 / 3) * r * r) * Math.exp(-root5 * r);
/** Its derivative with respect to r², which is finite at 0. */
const maternSlope = (r: number): number => (-5 / 6) * (1 + root5 * r) * Math.exp(-root5 * r);

export const standardHyperparameters = (dimensions: number): Hyperparameters =>
  new Float64Array(dimensions + 1).fill(lengthPrior(dimensions).mean).fill(noisePrior.mean, dimensions);

/**
 * A Gaussian process with a Matérn 5/2 kernel and one length scale per dimension (automatic relevance determination; Rasmussen and
 * Williams 2006, Snoek et al. 2012). The caller standardises the targets; the variance is its maximum likelihood estimate.
 */
export class GaussianProcess {
  private readonly lower: Matrix;
  private readonly alpha: Float64Array;
  private readonly inverseLengths: Float64Array;
  private readonly isList: readonly boolean[];
  /** The points by dimension, for distances from all of them at once. */
  private readonly columns: readonly Float64Array[];
  private readonly variance: number;
  /** The diagonal of the covariance: 1, the noise, and the jitter that made it positive definite. */
  private readonly diagonal: number;
  /** Negative log posterior density of the hyperparameters, up to a constant. */
  readonly loss: number;

  /** `earlier`: a process with the same hyperparameters, whose factor is continued if its points are the first of these. */
  constructor(
    private readonly dimensions: readonly Dimension[],
    private readonly points: readonly Point[],
    private readonly targets: Float64Array,
    readonly hyperparameters: Hyperparameters,
    earlier?: GaussianProcess,
  ) {
    const size = points.length;
    this.inverseLengths = Float64Array.from(dimensions, (_, index) => Math.exp(-2 * hyperparameters[index]!));
    this.isList = dimensions.map(({ isList }) => isList);
    this.columns = dimensions.map((_, index) => Float64Array.from(points, (point) => point[index]!));
    const { lower, diagonal } = (earlier && this.continued(earlier)) ?? this.factored();
    this.lower = lower;
    this.diagonal = diagonal;
    this.alpha = solveUpper(lower, size, solveLower(lower, size, Float64Array.from(targets)));
    const fit = Math.max(
      1e-12,
      this.alpha.reduce((sum, each, index) => sum + each * targets[index]!, 0),
    );
    this.variance = fit / size;
    let determinant = 0;
    for (let i = 0; i < size; i += 1) determinant += Math.log(lower[i * size + i]!);
    this.loss = (size / 2) * Math.log(fit) + determinant + this.priorLoss();
  }

  /** The factor of the covariance of all points. */
  private factored(): { lower: Matrix; diagonal: number } {
    const covariance = this.covariance(0, 1 + jitter + Math.exp(this.hyperparameters[this.dimensions.length]!));
    const lower = factor(covariance, this.points.length);
    return { lower, diagonal: covariance[0] ?? 1 };
  }

  /** The same from that of the first points: the rows of a factor do not depend on later ones. Undefined where it can't be continued. */
  private continued({ points, hyperparameters, lower: from, diagonal }: GaussianProcess) {
    const known = points.length;
    if (hyperparameters !== this.hyperparameters || points.some((each, index) => each !== this.points[index])) return;
    const size = this.points.length;
    const covariance = this.covariance(known, diagonal);
    for (let row = 0; row < known; row += 1)
      covariance.set(from.subarray(row * known, row * known + row + 1), row * size);
    const lower = cholesky(covariance, size, known);
    return lower && { lower, diagonal };
  }

  /** The lower triangle of the covariance, of which the first `from` rows are left out. */
  private covariance(from: number, diagonal: number): Matrix {
    const { points } = this;
    const size = points.length;
    const covariance = new Float64Array(size * size);
    for (let i = from; i < size; i += 1) {
      const row = this.similarities(points[i]!, i);
      covariance.set(row, i * size);
      covariance[i * size + i] = diagonal;
    }
    return covariance;
  }

  private distance(a: Point, b: Point): number {
    const { inverseLengths, isList } = this;
    let sum = 0;
    for (let index = 0; index < inverseLengths.length; index += 1)
      sum += squaredDistance(isList[index]!, a[index]!, b[index]!) * inverseLengths[index]!;
    return Math.sqrt(sum);
  }

  /** The prior correlation of a point with each of the first `count` points. */
  private similarities(point: Point, count: number): Float64Array {
    const sums = new Float64Array(count);
    for (const [dimension, column] of this.columns.entries()) {
      const [isList, at, weight] = [this.isList[dimension]!, point[dimension]!, this.inverseLengths[dimension]!];
      for (let index = 0; index < count; index += 1)
        sums[index]! += squaredDistance(isList, column[index]!, at) * weight;
    }
    for (let index = 0; index < count; index += 1) sums[index] = matern(Math.sqrt(sums[index]!));
    return sums;
  }

  private priorLoss(): number {
    return this.hyperparameters.reduce((sum, each, index) => {
      const { mean, deviation } = index < this.dimensions.length ? lengthPrior(this.dimensions.length) : noisePrior;
      return sum + ((each - mean) / deviation) ** 2 / 2;
    }, 0);
  }

  /** Gradient of `loss` with respect to the hyperparameters. */
  gradient(): Float64Array {
    const size = this.points.length;
    const count = this.dimensions.length;
    const solved = inverse(this.lower, size);
    const result = new Float64Array(count + 1);
    for (let i = 0; i < size; i += 1) {
      result[count]! += 0.5 * (solved[i * size + i]! - this.alpha[i]! ** 2 / this.variance);
      for (let j = 0; j < i; j += 1) {
        const [a, b] = [this.points[i]!, this.points[j]!];
        // Counts both triangles at once, hence no ½ of ½ tr(K⁻¹ dK).
        const weight = solved[i * size + j]! - (this.alpha[i]! * this.alpha[j]!) / this.variance;
        const slope = -2 * weight * maternSlope(this.distance(a, b));
        for (let index = 0; index < count; index += 1)
          result[index]! +=
            slope * squaredDistance(this.isList[index]!, a[index]!, b[index]!) * this.inverseLengths[index]!;
      }
    }
    result[count]! *= Math.exp(this.hyperparameters[count]!);
    for (let index = 0; index <= count; index += 1) {
      const { mean, deviation } = index < count ? lengthPrior(count) : noisePrior;
      result[index]! += (this.hyperparameters[index]! - mean) / deviation ** 2;
    }
    return result;
  }

  /** Mean of the function at the given points: K α is the targets, of which the diagonal holds the noise. */
  means(): Float64Array {
    const noise = Math.exp(this.hyperparameters[this.dimensions.length]!) + jitter;
    return this.targets.map((target, index) => target - noise * this.alpha[index]!);
  }

  /** Mean and standard deviation of the function at a point. */
  predict(point: Point): { mean: number; deviation: number } {
    const { mean, near } = this.bound(point);
    return { mean, deviation: this.deviation(near)! };
  }

  /**
   * The mean at a point, and a standard deviation that its own does not exceed: that of a process which knows only the most similar of the
   * points. `near`: what `deviation` computes the latter from, at n² instead of n operations.
   */
  bound(point: Point): { mean: number; atMost: number; near: Float64Array } {
    const near = this.similarities(point, this.points.length);
    let [mean, most] = [0, 0];
    for (let index = 0; index < near.length; index += 1) {
      const similarity = near[index]!;
      mean += similarity * this.alpha[index]!;
      if (similarity > most) most = similarity;
    }
    return { mean, atMost: this.rootOf(1 - most ** 2 / this.diagonal), near };
  }

  /**
   * The standard deviation at a point, from `near`. Undefined as soon as `isTooLow` is true of a value that it does not exceed: that of a
   * process which knows only the first of the points.
   */
  deviation(near: Float64Array, isTooLow: (atMost: number) => boolean = () => false): number | undefined {
    const { lower } = this;
    const size = near.length;
    const solved = new Float64Array(size);
    let left = 1;
    for (let row = 0; row < size; row += 1) {
      if (row % checked === 0 && row > 0 && isTooLow(this.rootOf(left))) return undefined;
      let sum = near[row]!;
      for (let k = 0; k < row; k += 1) sum -= lower[row * size + k]! * solved[k]!;
      solved[row] = sum / lower[row * size + row]!;
      left -= solved[row]! ** 2;
    }
    return this.rootOf(left);
  }

  private rootOf(part: number): number {
    return Math.sqrt(Math.max(1e-12, this.variance * part));
  }
}

function factor(covariance: Matrix, size: number): Matrix {
  for (let added = jitter; added < 1; added *= 10) {
    const lower = cholesky(covariance, size);
    if (lower) return lower;
    for (let i = 0; i < size; i += 1) covariance[i * size + i]! += added * 9;
  }
  throw new RangeError('the covariance is not positive definite: a point contains NaN');
}

/** MAP estimate of the hyperparameters by `steps` steps of iRprop⁻ (Igel and Hüsken 2000) from `start`. */
export function fitHyperparameters(
  dimensions: readonly Dimension[],
  points: readonly Point[],
  targets: Float64Array,
  start: Hyperparameters,
  steps: number,
): Hyperparameters {
  const at = Float64Array.from(start);
  const sizes = new Float64Array(at.length).fill(0.3);
  const before = new Float64Array(at.length);
  let best = { at: Float64Array.from(at), loss: Infinity };
  for (let step = 0; step < steps; step += 1) {
    const process = new GaussianProcess(dimensions, points, targets, at);
    if (process.loss < best.loss) best = { at: Float64Array.from(at), loss: process.loss };
    const slope = process.gradient();
    for (let index = 0; index < at.length; index += 1) {
      const turned = slope[index]! * before[index]!;
      if (turned > 0) sizes[index] = Math.min(1, sizes[index]! * 1.2);
      if (turned < 0) sizes[index] = Math.max(1e-3, sizes[index]! * 0.5);
      before[index] = turned < 0 ? 0 : slope[index]!;
      const [from, to] = index < dimensions.length ? bounds.length : bounds.noise;
      at[index] = Math.min(to, Math.max(from, at[index]! - Math.sign(before[index]!) * sizes[index]!));
    }
  }
  return best.at;
}
