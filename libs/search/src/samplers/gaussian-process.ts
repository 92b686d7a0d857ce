import { samplerDefinitions, ValidationError } from '@unroll/contracts';
import {
  fitHyperparameters,
  GaussianProcess,
  squaredDistance,
  standardHyperparameters,
  type Hyperparameters,
} from '../models/gaussian-process';
import { normalCumulative, normalDensity, normalQuantile } from '../space/normal';
import { compareOutcomes, type Observation } from '../objectives/observation';
import { freePoint, pointAt, type Point, type Space } from '../space/point';
import { evenConfigurations } from './configurations';
import type { Ask, Sampler, Suggester } from './sampler';
import { drawFreely } from './random';
import { drawEvenly } from './sobol';

/** Maximum number of configurations of a model, whose cost is cubic in it. */
export const mostModelled = 500;
/** Hyperparameters are fitted again when the number of outcomes has grown by `growth`, to at most `most` of these, in `steps` steps. */
const fits = { growth: 1.05, most: 100, steps: 25 };
/**
 * Fraction of independent configurations: a model of few outcomes may be sure of a region that it has hardly seen. Once most trials are
 * stopped early, there are more of them: values of short trainings mislead, and cost little.
 */
const independent = { usually: 1 / 5, stopped: 1 / 3 };
/**
 * Candidates: samples of the whole space, perturbations of the `leading` best outcomes, and of the best candidate. Perturbations help
 * where the function is smooth, and only repeat the leading outcomes where it is not, as by the noise of training. So a proposal perturbs
 * as often as that has improved on the outcome nearby, and at least in a tenth of the cases.
 */
const candidates = { everywhere: 400, near: 200, refining: 150, leading: 5, least: 0.1 };
/** Root mean square distance to a leading outcome, as a fraction of the ranges, within which an outcome counts as a perturbation of it. */
const nearby = 0.1;

interface Candidate {
  point: Point;
  /** A log expected improvement that its own does not exceed. */
  ceiling: number;
  /** Its own, or -Infinity where that is not above `most`. */
  above: (most: number) => number;
}

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
  /** The model of the outcomes, without those of running configurations. */
  private model: GaussianProcess | undefined;
  private hyperparameters: Hyperparameters;
  /** The outcomes that hyperparameters are fitted to next: when they are needed, so that a search restored from its log fits once. */
  private due: readonly Observation[] | undefined;
  private fittedTo = 0;
  /** Outcomes near one of the leading at that time, and how many of them were better than that. */
  private readonly perturbed = { tries: 0, gains: 0 };
  private readonly startup: number;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.hyperparameters = standardHyperparameters(space.dimensions.length);
    this.startup = Math.min(10, Math.max(4, space.dimensions.length + 1));
  }

  learn(observation: Observation): void {
    // A model has one value at a point: a longer training takes the place of a shorter one.
    const earlier = this.outcomes.findIndex(({ number }) => number === observation.number);
    if (earlier >= 0) this.outcomes.splice(earlier, 1);
    else this.take(observation);
    this.outcomes.push(observation);
    // Beyond the maximum, the worst outcomes are dropped.
    if (this.outcomes.length > mostModelled)
      this.outcomes.splice(this.outcomes.indexOf(this.outcomes.toSorted(compareOutcomes).at(-1)!), 1);
    const count = this.outcomes.length;
    if (count < this.startup || count < this.fittedTo * fits.growth) return;
    this.fittedTo = count;
    this.due = [...this.outcomes];
  }

  /** Whether an outcome near a leading one is better than that. */
  private take(observation: Observation): void {
    if (this.outcomes.length < this.startup) return;
    const apart = ({ point }: Observation): number => this.distance(point, observation.point);
    const nearest = this.leading().reduce((a, b) => (apart(b) < apart(a) ? b : a));
    if (apart(nearest) > nearby) return;
    this.perturbed.tries += 1;
    this.perturbed.gains += Number(compareOutcomes(observation, nearest) < 0);
  }

  /** Whether the next proposal perturbs the leading outcomes. */
  private perturbs(u: number): boolean {
    const { tries, gains } = this.perturbed;
    const { least } = candidates;
    return u < Math.min(1 - least, Math.max(least, (gains + 1) / (tries + 2)));
  }

  private leading(): Observation[] {
    return this.outcomes.toSorted(compareOutcomes).slice(0, candidates.leading);
  }

  /** Root mean square distance over the dimensions. */
  private distance(a: Point, b: Point): number {
    const { dimensions } = this.space;
    const sum = dimensions.reduce((all, { isList }, index) => all + squaredDistance(isList, a[index]!, b[index]!), 0);
    return Math.sqrt(sum / dimensions.length);
  }

  /** Fits the hyperparameters that are due. They follow from the outcomes alone, not from earlier fits. */
  private fit(): void {
    if (!this.due) return;
    const { dimensions } = this.space;
    const ranked = this.due.toSorted(compareOutcomes);
    const apart = Math.max(1, ranked.length / fits.most);
    const sample = Array.from(
      { length: Math.floor(ranked.length / apart) },
      (_, at) => ranked[Math.floor(at * apart)]!,
    );
    this.due = undefined;
    const targets = targetsOf(sample);
    this.hyperparameters = standardHyperparameters(dimensions.length);
    // If all values are equal there is nothing to fit.
    if (targets.every((target) => target === 0)) return;
    const points = sample.map(({ point }) => point);
    this.hyperparameters = fitHyperparameters(dimensions, points, targets, this.hyperparameters, fits.steps);
  }

  suggest(ask: Ask): Point {
    if (this.outcomes.length < this.startup || this.space.dimensions.length === 0)
      return drawEvenly(this.space, this.seed, ask);
    const stopped = this.outcomes.filter(({ share }) => share < 1).length;
    const part = 2 * stopped > this.outcomes.length ? independent.stopped : independent.usually;
    if (ask.numbers.next() < part) return drawFreely(this.space, ask);
    this.fit();
    const known = targetsOf(this.outcomes);
    const points = this.outcomes.map(({ point }) => point);
    const { dimensions } = this.space;
    this.model = new GaussianProcess(dimensions, points, known, this.hyperparameters, this.model);
    const targets = new Float64Array(known.length + ask.running.length);
    targets.set(known);
    const all = [...points, ...ask.running];
    const process = new GaussianProcess(dimensions, all, targets, this.hyperparameters, this.model);
    // The least of the means, since the least outcome may owe its rank to noise.
    const least = Math.min(...process.means().subarray(0, known.length));
    return this.mostPromising(ask, (point) => {
      const { mean, atMost, near } = process.bound(point);
      const promise = (deviation: number): number => logExpectedImprovement({ mean, deviation }, least);
      // The improvement grows with the deviation, so that most candidates are out before theirs is known.
      return {
        point,
        ceiling: promise(atMost),
        above: (most) => {
          const deviation = process.deviation(near, (bound) => promise(bound) <= most);
          return deviation === undefined ? -Infinity : promise(deviation);
        },
      };
    });
  }

  private mostPromising(ask: Ask, assess: (point: Point) => Candidate): Point {
    const { everywhere } = candidates;
    const { near, refining } = this.perturbs(ask.numbers.next()) ? candidates : { near: 0, refining: 0 };
    const leading = this.leading();
    const points = [
      ...Array.from({ length: everywhere }, () => pointAt(this.space, ask.fixed, () => ask.numbers.next())),
      ...Array.from({ length: near }, (_, index) =>
        this.moved(leading[index % leading.length]!.point, 10 ** -(1 + (index % 3)), ask),
      ),
    ];
    let best: Point | undefined;
    let most = -Infinity;
    const look = ({ point, ceiling, above }: Candidate): void => {
      const promise = ceiling > most ? above(most) : -Infinity;
      if (promise > most) [best, most] = [point, promise];
    };
    const assessed = points.filter(ask.allows).map(assess);
    for (const each of assessed.sort((a, b) => b.ceiling - a.ceiling)) look(each);
    for (let index = 0; index < refining && best; index += 1) {
      const point = this.moved(best, 0.1 * 0.001 ** (index / refining), ask);
      if (ask.allows(point)) look(assess(point));
    }
    return best ?? drawEvenly(this.space, this.seed, ask);
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

/** What the model is fitted to: less is better. */
const targetsOf = (outcomes: readonly Observation[]): Float64Array =>
  outcomes.some(({ share }) => share < 1) ? normalScores(outcomes) : standardised(outcomes);

/**
 * The normal quantiles of the ranks, with a deviation of 1. Where trainings end early, values after different numbers of updates do not
 * compare, but the order of outcomes does. Those without a value all have the worst score.
 */
export function normalScores(outcomes: readonly Observation[]): Float64Array {
  const count = outcomes.length;
  const scores = new Float64Array(count).fill(normalQuantile(1 - 0.5 / count));
  const ranked = [...outcomes.keys()].sort((a, b) => compareOutcomes(outcomes[a]!, outcomes[b]!));
  for (const [rank, index] of ranked.entries())
    if (Number.isFinite(outcomes[index]!.values[0])) scores[index] = normalQuantile((rank + 0.5) / count);
  const deviation = Math.sqrt(scores.reduce((sum, each) => sum + each * each, 0) / count) || 1;
  return scores.map((each) => each / deviation);
}

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
