import { samplerDefinitions, ValidationError } from '@unroll/contracts';
import {
  fitHyperparameters,
  GaussianProcess,
  squaredDistance,
  standardHyperparameters,
  type Hyperparameters,
} from '../models/gaussian-process';
import { normalCumulative, normalDensity } from '../space/normal';
import type { Observation } from '../objectives/observation';
import { scoresOf, type History } from '../objectives/scores';
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
 * as often as that has improved on the outcome nearby, and at least in a tenth of the cases. Once most trainings are stopped early, none
 * does: a perturbation of a leading configuration begins as well as that did, so a rule trains it on, whether or not it can gain anything.
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
  /** The outcomes of each configuration, in the order of their first ones. */
  private readonly histories: Observation[][] = [];
  /** Of each configuration; computed when they are needed. */
  private known: Float64Array | undefined;
  /** The model of the outcomes, without those of running configurations. */
  private model: GaussianProcess | undefined;
  private hyperparameters: Hyperparameters;
  /** The outcomes that hyperparameters are fitted to next: when they are needed, so that a search restored from its log fits once. */
  private due: readonly History[] | undefined;
  private fittedTo = 0;
  /** Configurations near one of the leading at that time, and how many of them were better than that. */
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
    const history = this.histories.find(([first]) => first!.number === observation.number);
    if (history) history.push(observation);
    else this.begin(observation);
    this.known = undefined;
    const count = this.histories.length;
    if (count < this.startup || count < this.fittedTo * fits.growth) return;
    this.fittedTo = count;
    this.due = this.histories.map((each) => [...each]);
  }

  /** Takes the first outcome of a configuration, and sees whether it is near a leading one, and better. */
  private begin(observation: Observation): void {
    const modelled = this.histories.length >= this.startup;
    const apart = (history: History): number => this.distance(pointOf(history), observation.point);
    const nearest = modelled ? this.leading().reduce((a, b) => (apart(b) < apart(a) ? b : a)) : undefined;
    this.histories.push([observation]);
    this.known = undefined;
    if (nearest && apart(nearest) <= nearby) {
      this.perturbed.tries += 1;
      this.perturbed.gains += Number(this.scores.at(-1)! < this.scores[this.histories.indexOf(nearest)]!);
    }
    // Beyond the maximum, the worst configuration is dropped.
    if (this.histories.length > mostModelled) this.histories.splice(bestFirst(this.scores).at(-1)!, 1);
  }

  private get scores(): Float64Array {
    return (this.known ??= scoresOf(this.histories));
  }

  /** Whether a rule has stopped most trainings. */
  private get mostEndEarly(): boolean {
    return 2 * this.histories.filter((history) => history.at(-1)!.share < 1).length > this.histories.length;
  }

  /** Whether the next proposal perturbs the leading outcomes. */
  private perturbs(u: number): boolean {
    if (this.mostEndEarly) return false;
    const { tries, gains } = this.perturbed;
    const { least } = candidates;
    return u < Math.min(1 - least, Math.max(least, (gains + 1) / (tries + 2)));
  }

  private leading(): Observation[][] {
    return bestFirst(this.scores)
      .slice(0, candidates.leading)
      .map((place) => this.histories[place]!);
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
    const { due } = this;
    const ranked = bestFirst(scoresOf(due)).map((place) => due[place]!);
    const apart = Math.max(1, ranked.length / fits.most);
    const sample = Array.from(
      { length: Math.floor(ranked.length / apart) },
      (_, at) => ranked[Math.floor(at * apart)]!,
    );
    this.due = undefined;
    const targets = scoresOf(sample);
    this.hyperparameters = standardHyperparameters(dimensions.length);
    // If all values are equal there is nothing to fit.
    if (targets.every((target) => target === 0)) return;
    const points = sample.map(pointOf);
    this.hyperparameters = fitHyperparameters(dimensions, points, targets, this.hyperparameters, fits.steps);
  }

  suggest(ask: Ask): Point {
    if (this.histories.length < this.startup || this.space.dimensions.length === 0)
      return drawEvenly(this.space, this.seed, ask);
    const part = this.mostEndEarly ? independent.stopped : independent.usually;
    if (ask.numbers.next() < part) return drawFreely(this.space, ask);
    this.fit();
    const known = this.scores;
    const points = this.histories.map(pointOf);
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
        this.moved(pointOf(leading[index % leading.length]!), 10 ** -(1 + (index % 3)), ask),
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

/** The places of scores, best first. */
const bestFirst = (scores: Float64Array): number[] => [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);

const pointOf = ([first]: History): Point => first!.point;

/** Reflects a position into [0, 1]. */
export const reflected = (u: number): number => {
  const within = Math.abs(u) % 2;
  return within > 1 ? 2 - within : within;
};

/** Log expected improvement below `least`; the tail uses Mills' ratio to stay finite. */
export function logExpectedImprovement(
  { mean, deviation }: { mean: number; deviation: number },
  least: number,
): number {
  const z = (least - mean) / deviation;
  if (z < -6) return Math.log(deviation) - (z * z) / 2 - Math.log(Math.sqrt(2 * Math.PI)) - 2 * Math.log(-z);
  return Math.log(deviation) + Math.log(Math.max(1e-300, z * normalCumulative(z) + normalDensity(z)));
}
