import { samplerDefinitions, ValidationError } from '@unroll/contracts';
import {
  fitHyperparameters,
  GaussianProcess,
  standardHyperparameters,
  type Hyperparameters,
} from '../models/gaussian-process';
import { normalCumulative, normalDensity } from '../space/normal';
import { compareOutcomes, type Observation } from '../objectives/observation';
import { freePoint, pointAt, type Point, type Space } from '../space/point';
import { evenConfigurations } from './configurations';
import type { Ask, Sampler, Suggester } from './sampler';
import { drawFreely } from './random';
import { drawEvenly } from './sobol';

/** Maximum number of configurations of a model, whose cost is cubic in it. */
export const mostModelled = 500;
const fitSteps = 20;
/** Hyperparameters are refined when the number of outcomes has grown by this factor, and refitted from scratch at each doubling. */
const fitGrowth = 1.05;
/** Fraction of independent configurations: a model of few outcomes may be sure of a region that it has hardly seen. */
const independent = 1 / 5;
/** Numbers of candidates: global samples, perturbations of the best outcomes, and of the best candidate. */
const candidates = { everywhere: 400, near: 200, refining: 150 };

/**
 * Expected improvement under a Gaussian process (Jones et al. 1998; Snoek et al. 2012). Running configurations are treated as if they
 * had reached the mean (the constant liar of Ginsbourger et al. 2010).
 */
export const gaussianProcess: Sampler = {
  ...samplerDefinitions['gaussian-process'],
  configurations(spec) {
    const count = evenConfigurations(spec);
    if (count > mostModelled)
      throw new ValidationError([
        {
          path: 'search.trials',
          message: `a Gaussian process supports at most ${mostModelled} configurations, not ${count}: use search: tpe`,
        },
      ]);
    return count;
  },
  open: (space, seed) => new GaussianProcessSuggester(space, seed),
};

class GaussianProcessSuggester implements Suggester {
  private readonly outcomes: Observation[] = [];
  private hyperparameters: Hyperparameters;
  private fittedTo = 0;
  private readonly startup: number;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.hyperparameters = standardHyperparameters(space.dimensions.length);
    this.startup = Math.min(10, Math.max(4, space.dimensions.length + 1));
  }

  learn(observation: Observation): void {
    this.outcomes.push(observation);
    // Beyond the maximum, the worst outcomes are dropped.
    if (this.outcomes.length > mostModelled)
      this.outcomes.splice(this.outcomes.indexOf(this.outcomes.toSorted(compareOutcomes).at(-1)!), 1);
    const count = this.outcomes.length;
    if (count < this.startup || count < this.fittedTo * fitGrowth) return;
    const isDoubled = Math.floor(Math.log2(count)) > Math.floor(Math.log2(this.fittedTo));
    this.fittedTo = count;
    this.fit(isDoubled);
  }

  private fit(fromStart: boolean): void {
    const { dimensions } = this.space;
    const points = this.outcomes.map(({ point }) => point);
    const targets = standardised(this.outcomes);
    // If all values are equal there is nothing to fit.
    if (targets.every((target) => target === 0)) return;
    const starts = [this.hyperparameters, ...(fromStart ? [standardHyperparameters(dimensions.length)] : [])];
    const fits = starts.map((start) => fitHyperparameters(dimensions, points, targets, start, fitSteps));
    const losses = fits.map((each) => new GaussianProcess(dimensions, points, targets, each).loss);
    this.hyperparameters = fits[losses.indexOf(Math.min(...losses))]!;
  }

  suggest(ask: Ask): Point {
    if (this.outcomes.length < this.startup || this.space.dimensions.length === 0)
      return drawEvenly(this.space, this.seed, ask);
    if (ask.numbers.next() < independent) return drawFreely(this.space, ask);
    const known = standardised(this.outcomes);
    const targets = new Float64Array(known.length + ask.running.length);
    targets.set(known);
    const points = [...this.outcomes.map(({ point }) => point), ...ask.running];
    const process = new GaussianProcess(this.space.dimensions, points, targets, this.hyperparameters);
    // The least of the means, since the least outcome may owe its rank to noise.
    const least = Math.min(...process.means().subarray(0, known.length));
    return this.mostPromising(ask, (point, most) => {
      const { mean, atMost, near } = process.bound(point);
      // The improvement grows with the deviation, so that most candidates are out without computing it.
      if (logExpectedImprovement({ mean, deviation: atMost }, least) <= most) return undefined;
      return logExpectedImprovement({ mean, deviation: process.deviation(near) }, least);
    });
  }

  /** `promise`: what a candidate promises; it may be undefined where that is not above `most`. */
  private mostPromising(ask: Ask, promise: (point: Point, most: number) => number | undefined): Point {
    let best: { point: Point; promise: number } | undefined;
    const look = (point: Point): void => {
      if (!ask.allows(point)) return;
      const most = best?.promise ?? -Infinity;
      const value = promise(point, most);
      if (value !== undefined && value > most) best = { point, promise: value };
    };
    for (let index = 0; index < candidates.everywhere; index += 1)
      look(pointAt(this.space, ask.fixed, () => ask.numbers.next()));
    const leading = this.outcomes.toSorted(compareOutcomes).slice(0, 5);
    for (let index = 0; index < candidates.near; index += 1)
      look(this.moved(leading[index % leading.length]!.point, 10 ** -(1 + (index % 3)), ask));
    for (let index = 0; index < candidates.refining && best; index += 1)
      look(this.moved(best.point, 0.1 * 0.001 ** (index / candidates.refining), ask));
    return best?.point ?? drawEvenly(this.space, this.seed, ask);
  }

  /** A perturbed point: ranges move by a normal step, sometimes only one of them, and options rarely change. */
  private moved(point: Point, step: number, { fixed, numbers }: Ask): Point {
    const { dimensions } = this.space;
    const alone = numbers.next() < 0.3 ? numbers.below(dimensions.length) : undefined;
    const target = freePoint(this.space);
    for (const [index, { isList, levels }] of dimensions.entries()) {
      if (!Number.isNaN(fixed[index]!)) target[index] = fixed[index]!;
      else if (isList) target[index] = numbers.next() < 0.1 ? numbers.next() : point[index]!;
      else if (alone === undefined || alone === index)
        target[index] = reflected(point[index]! + Math.max(step, Math.min(0.2, 0.7 / levels)) * numbers.normal());
      else target[index] = point[index]!;
    }
    return pointAt(this.space, target, () => numbers.next());
  }
}

/** Reflects a position into [0, 1]. */
export const reflected = (u: number): number => {
  const within = Math.abs(u) % 2;
  return within > 1 ? 2 - within : within;
};

/** Standardised values with compressed outliers, so that a few large losses do not flatten the region near the best. */
export function standardised(outcomes: readonly Observation[]): Float64Array {
  const finite = outcomes
    .map(({ values }) => values[0]!)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (finite.length === 0) return new Float64Array(outcomes.length);
  const [least, middle] = [finite[0]!, finite[Math.floor(finite.length / 2)]!];
  const spread = middle - least || finite.at(-1)! - least || 1;
  const worst = Math.min(finite.at(-1)!, middle + Math.min(spread, Number.MAX_VALUE));
  const drawn = Float64Array.from(outcomes, ({ values }) =>
    Number.isFinite(values[0]) ? Math.min(values[0]!, worst) : worst,
  );
  // Relative to the largest, so that no square overflows.
  const largest = drawn.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const scaled = drawn.map((each) => each / largest);
  const mean = scaled.reduce((a, b) => a + b, 0) / scaled.length;
  const deviation = Math.sqrt(scaled.reduce((a, b) => a + (b - mean) ** 2, 0) / scaled.length);
  return scaled.map((each) => (deviation > 1e-12 ? (each - mean) / deviation : 0));
}

/** Log expected improvement below `least`; the tail uses Mills' ratio to stay finite. */
export function logExpectedImprovement(
  { mean, deviation }: { mean: number; deviation: number },
  least: number,
): number {
  const z = (least - mean) / deviation;
  if (z < -6) return Math.log(deviation) - (z * z) / 2 - Math.log(Math.sqrt(2 * Math.PI)) - 2 * Math.log(-z);
  return Math.log(deviation) + Math.log(Math.max(1e-300, z * normalCumulative(z) + normalDensity(z)));
}
