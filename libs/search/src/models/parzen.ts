import { almostOne } from '../space/dimension';
import { normalCumulative, normalQuantile } from '../space/normal';
import type { Numbers } from '../space/numbers';
import { pointAt, type Point, type Space } from '../space/point';

const widths = {
  /** Width of the kernel of a single point, and the least width, as fractions of the range. */
  one: 0.3,
  least: 0.01,
  /** How fast the width falls with the number of points, relative to the distance between points in so many dimensions. */
  fall: 1.5,
  /** Weight of the uniform density, in points. */
  prior: 1,
  /** Weight of the other options of a list, in points. */
  list: 1,
};

export interface Weighted {
  point: Point;
  weight: number;
}

/**
 * A density over a space: a mixture of product kernels around each point and a uniform density. A kernel is a normal distribution
 * truncated to [0, 1) for a range, and mostly the option itself for a list. Where a point lacks a dimension (which belongs to an option
 * that it did not take), its kernel is uniform, the expectation over imputed values (Falkner et al. 2018). All densities are relative
 * to the uniform one.
 */
export class ParzenEstimator {
  private readonly width: Float64Array;
  private readonly stray: number;
  /** [kernel, dimension]: the centres of the kernels, and the logarithms of their normalisation factors. */
  private readonly middles: Float64Array;
  private readonly logScale: Float64Array;
  /** For a list, in place of a bandwidth: the log densities at the kernel's own option and at any other. */
  private readonly logSame: Float64Array;
  private readonly logOther: number;
  private readonly logWeights: Float64Array;
  private readonly weights: Float64Array;
  private readonly logPrior: number;

  constructor(
    private readonly space: Space,
    private readonly kernels: readonly Weighted[],
  ) {
    const { dimensions } = space;
    const total = kernels.reduce((sum, { weight }) => sum + weight, 0) + widths.prior;
    this.weights = Float64Array.from(kernels, ({ weight }) => weight / total);
    this.logWeights = this.weights.map(Math.log);
    this.logPrior = Math.log(widths.prior / total);
    this.stray = widths.list / (widths.list + kernels.length);
    const ranges = dimensions.filter(({ isList }) => !isList).length;
    this.width = Float64Array.from(dimensions, (_, dimension) => this.bandwidth(dimension, ranges));
    this.logSame = Float64Array.from(dimensions, ({ levels }) => Math.log((1 - this.stray) * levels + this.stray));
    this.logOther = Math.log(this.stray);
    this.middles = new Float64Array(kernels.length * dimensions.length);
    this.logScale = new Float64Array(kernels.length * dimensions.length);
    for (const [index, { point }] of kernels.entries()) {
      this.middles.set(point, index * dimensions.length);
      for (let dimension = 0; dimension < dimensions.length; dimension += 1) {
        const middle = point[dimension]!;
        if (Number.isNaN(middle) || dimensions[dimension]!.isList) continue;
        const width = this.width[dimension]!;
        const mass = normalCumulative((1 - middle) / width) - normalCumulative(-middle / width);
        this.logScale[index * dimensions.length + dimension] = -Math.log(mass * width * Math.sqrt(2 * Math.PI));
      }
    }
  }

  /**
   * The width of the kernels in one dimension. It follows the distance between neighbours, which falls with the number n of points and
   * the number d of ranges as n^(−1/d), and not how the points are spread. A width that follows their spread, as Scott's rule does,
   * collapses: candidates near the good points make these less spread, and the search never leaves its first good region (Watanabe
   * 2023 on the minimum bandwidth).
   */
  private bandwidth(dimension: number, ranges: number): number {
    const { levels, isList } = this.space.dimensions[dimension]!;
    if (isList) return 0;
    const points = this.kernels.reduce(
      (sum, { point, weight }) => sum + (Number.isNaN(point[dimension]!) ? 0 : weight),
      0,
    );
    const width = widths.one * Math.max(1, points) ** (-widths.fall / ranges);
    return Math.max(widths.least, 0.5 / levels, width);
  }

  /** Log density at a point, relative to a uniform one. */
  logDensity(point: Point): number {
    const logs = this.logKernels(point);
    let most = this.logPrior;
    for (let index = 0; index < logs.length; index += 1) if (logs[index]! > most) most = logs[index]!;
    let sum = Math.exp(this.logPrior - most);
    // Terms below e^-40 of the largest vanish in double precision.
    for (let index = 0; index < logs.length; index += 1)
      if (logs[index]! > most - 40) sum += Math.exp(logs[index]! - most);
    return most + Math.log(sum);
  }

  /** Weighted log density of each kernel at a point. The hot loop: runs for every candidate of a proposal. */
  private logKernels(point: Point): Float64Array {
    const { dimensions } = this.space;
    const { middles, logScale } = this;
    const count = dimensions.length;
    const logs = Float64Array.from(this.logWeights);
    for (let dimension = 0; dimension < count; dimension += 1) {
      const u = point[dimension]!;
      if (Number.isNaN(u)) continue;
      const { isList } = dimensions[dimension]!;
      const [same, other, scale] = [this.logSame[dimension]!, this.logOther, 1 / this.width[dimension]!];
      for (let index = 0, at = dimension; index < logs.length; index += 1, at += count) {
        const middle = middles[at]!;
        // Only NaN differs from itself: the kernel lacks the dimension.
        if (middle !== middle) continue;
        const distance = (u - middle) * scale;
        logs[index]! += isList ? (middle === u ? same : other) : logScale[at]! - 0.5 * distance * distance;
      }
    }
    return logs;
  }

  /** A sample from this density, conditioned on the fixed positions. */
  draw(fixed: Point, numbers: Numbers): Point {
    const kernel = this.kernels[this.pick(fixed, numbers.next())]?.point;
    return pointAt(this.space, fixed, (dimension) => {
      const { isList, levels } = this.space.dimensions[dimension]!;
      const [middle, u] = [kernel?.[dimension] ?? NaN, numbers.next()];
      if (Number.isNaN(middle)) return u;
      if (isList) return numbers.next() < this.stray ? (Math.floor(u * levels) + 0.5) / levels : middle;
      const width = this.width[dimension]!;
      const from = normalCumulative(-middle / width);
      const to = normalCumulative((1 - middle) / width);
      return Math.min(almostOne, Math.max(0, middle + width * normalQuantile(from + u * (to - from))));
    });
  }

  /** Samples a kernel by its weight times its density at the fixed positions; index `kernels` is the uniform density. */
  private pick(fixed: Point, u: number): number {
    const logs = this.logKernels(fixed);
    const most = logs.reduce((a, b) => Math.max(a, b), this.logPrior);
    const shares = logs.map((log) => Math.exp(log - most));
    let rest = u * shares.reduce((a, b) => a + b, Math.exp(this.logPrior - most));
    for (const [index, share] of shares.entries()) {
      rest -= share;
      if (rest < 0) return index;
    }
    return this.kernels.length;
  }
}
