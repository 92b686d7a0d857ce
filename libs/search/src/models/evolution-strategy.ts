import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { compareOutcomes, type Observation } from '../objectives/observation';
import type { Numbers } from '../space/numbers';

/** Initial and minimum step sizes, as fractions of a range. */
const firstStep = 0.3;
const narrowest = 1e-5;
/** Maximum condition number of the covariance. */
const mostElongated = 1e12;

/** A candidate and its outcome. */
export interface Tried {
  at: Float64Array;
  outcome: Observation;
}

/**
 * CMA-ES (Hansen 2016, "The CMA evolution strategy: a tutorial") in the cube [0, 1]^size, one generation at a time. Steps may come from
 * earlier generations or elsewhere: long ones are shortened (Hansen 2011, "Injecting external solutions").
 */
export class EvolutionStrategy {
  readonly population: number;
  private readonly weights: number[];
  private readonly effective: number;
  private readonly mean: Float64Array;
  private step = firstStep;
  private covariance: Matrix;
  private axes: Matrix;
  private lengths: Float64Array;
  private readonly path: Float64Array;
  private readonly stepPath: Float64Array;
  private generation = 0;
  private best: Observation | undefined;
  private since = 0;

  constructor(
    readonly size: number,
    population: number,
    start: (dimension: number) => number,
  ) {
    this.population = population;
    const raw = Array.from(
      { length: Math.floor(population / 2) },
      (_, rank) => Math.log((population + 1) / 2) - Math.log(rank + 1),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    this.weights = raw.map((each) => each / sum);
    this.effective = 1 / this.weights.reduce((total, each) => total + each * each, 0);
    this.mean = Float64Array.from({ length: size }, (_, dimension) => start(dimension));
    this.covariance = Matrix.eye(size);
    this.axes = Matrix.eye(size);
    this.lengths = new Float64Array(size).fill(1);
    this.path = new Float64Array(size);
    this.stepPath = new Float64Array(size);
  }

  /** A normal sample around the mean, which may be outside the cube. */
  draw(numbers: Numbers): Float64Array {
    const z = Float64Array.from(this.lengths, (length) => length * numbers.normal());
    return this.mean.map((middle, row) => middle + this.step * dot(this.axes.getRow(row), z));
  }

  /** Advances one generation. `tried` has one entry per member of the population. */
  advance(tried: readonly Tried[]): void {
    const ranked = tried.toSorted((a, b) => compareOutcomes(a.outcome, b.outcome));
    const isBetter = !this.best || compareOutcomes(ranked[0]!.outcome, this.best) < 0;
    this.since = isBetter ? 0 : this.since + 1;
    if (isBetter) this.best = ranked[0]!.outcome;
    const { size, effective } = this;
    const steps = this.weights.map((_, rank) => this.stepTo(ranked[rank]!.at));
    const move = new Float64Array(size);
    for (const [rank, each] of steps.entries())
      for (let index = 0; index < size; index += 1) move[index]! += this.weights[rank]! * each[index]!;
    for (let index = 0; index < size; index += 1)
      this.mean[index] = Math.min(1, Math.max(0, this.mean[index]! + this.step * move[index]!));
    this.generation += 1;

    // Step size: a long evolution path means aligned steps, a short one means steps that cancel out.
    const stepRate = (effective + 2) / (size + effective + 5);
    const damping = 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (size + 1)) - 1) + stepRate;
    const whitened = this.whiten(move);
    const expected = Math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size));
    for (let index = 0; index < size; index += 1)
      this.stepPath[index] =
        (1 - stepRate) * this.stepPath[index]! + Math.sqrt(stepRate * (2 - stepRate) * effective) * whitened[index]!;
    const length = Math.hypot(...this.stepPath);
    const isLong = length / Math.sqrt(1 - (1 - stepRate) ** (2 * this.generation)) > (1.4 + 2 / (size + 1)) * expected;
    this.step *= Math.exp(Math.min(1, (stepRate / damping) * (length / expected - 1)));

    // Covariance: rank-one update from the path, rank-µ update from this generation's steps.
    const pathRate = (4 + effective / size) / (size + 4 + (2 * effective) / size);
    const one = 2 / ((size + 1.3) ** 2 + effective);
    const others = Math.min(1 - one, (2 * (effective - 2 + 1 / effective)) / ((size + 2) ** 2 + effective));
    const push = isLong ? 0 : Math.sqrt(pathRate * (2 - pathRate) * effective);
    for (let index = 0; index < size; index += 1)
      this.path[index] = (1 - pathRate) * this.path[index]! + push * move[index]!;
    const kept = 1 - one - others + (isLong ? one * pathRate * (2 - pathRate) : 0);
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j <= i; j += 1) {
        const rank = steps.reduce((sum, each, index) => sum + this.weights[index]! * each[i]! * each[j]!, 0);
        const value = kept * this.covariance.get(i, j) + one * this.path[i]! * this.path[j]! + others * rank;
        this.covariance.set(i, j, value).set(j, i, value);
      }
    const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(this.covariance, {
      assumeSymmetric: true,
    });
    this.axes = eigenvectorMatrix;
    this.lengths = Float64Array.from(realEigenvalues, (each) => Math.sqrt(Math.max(1e-20, each)));
  }

  /** The step from the mean in units of the step size, shortened if it is longer than typical for this distribution. */
  private stepTo(at: Float64Array): Float64Array {
    const step = at.map((each, index) => (each - this.mean[index]!) / this.step);
    const length = Math.hypot(...this.whiten(step));
    const longest = Math.sqrt(this.size) + (2 * this.size) / (this.size + 2);
    return length > longest ? step.map((each) => (each * longest) / length) : step;
  }

  /** covariance^(−1/2) · step */
  private whiten(step: Float64Array): Float64Array {
    const along = this.lengths.map((length, axis) => dot(this.axes.getColumn(axis), step) / length);
    return step.map((_, row) => dot(this.axes.getRow(row), along));
  }

  /** Whether the search has converged: narrow, flat, ill-conditioned, or long without improvement. */
  get isOver(): boolean {
    const longest = this.lengths.reduce((a, b) => Math.max(a, b));
    const shortest = this.lengths.reduce((a, b) => Math.min(a, b));
    return (
      this.step * longest < narrowest ||
      !Number.isFinite(this.step) ||
      (longest / shortest) ** 2 > mostElongated ||
      this.since >= 10 + Math.ceil((30 * this.size) / this.population)
    );
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}
