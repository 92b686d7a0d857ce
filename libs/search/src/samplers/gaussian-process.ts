import { samplerDefinitions, ValidationError } from '@unroll/contracts';
import {
  fitHyperparameters,
  GaussianProcess,
  squaredDistance,
  standardHyperparameters,
  type Hyperparameters,
} from '../models/gaussian-process';
import { normalCumulative, normalDensity } from '../space/normal';
import { isValued, type Observation } from '../objectives/observation';
import { scoresOf, standardised, type History } from '../objectives/scores';
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

/** Between the labels of outcomes with a value, 0, and without, 1: what lies below is expected to have one. */
const between = 0.5;
/** Least deviation of a label, and how much less probable than for another candidate a value may be, by its logarithm. */
const leastDoubt = 0.05;
const mostDoubtful = Math.log(10);

/**
 * Expected improvement under a Gaussian process (Jones et al. 1998; Snoek et al. 2012). Running configurations are treated as if they
 * had reached the mean (the constant liar of Ginsbourger et al. 2010). Once some fail, the improvement is weighted by the probability that
 * there is a value at all (Gelbart et al. 2014), which a process of its own learns: as the worst value, a failure would be a cliff that the
 * process of the objective cannot follow.
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
  /** Those of the process that knows which configurations have a value. */
  private feasible: Hyperparameters;
  /** Configurations near one of the leading at that time, and how many of them were better than that. */
  private readonly perturbed = { tries: 0, gains: 0 };
  private readonly startup: number;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {
    this.hyperparameters = standardHyperparameters(space.dimensions.length);
    this.feasible = this.hyperparameters;
    this.startup = Math.min(10, Math.max(4, space.dimensions.length + 1));
  }

  learn(observation: Observation, replaced?: Observation): void {
    const history = this.histories.find(([first]) => first!.number === observation.number);
    if (history && replaced) history.splice(0, history.length, observation);
    else if (history) history.push(observation);
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
    const [first, ...others] = modelled ? this.leading() : [];
    const nearest = first && others.reduce((a, b) => (apart(b) < apart(a) ? b : a), first);
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

  /** Whether the next proposal perturbs the leading outcomes: where most of the space fails, there is little else to look at. */
  private perturbs(u: number): boolean {
    if (this.mostEndEarly) return false;
    const { tries, gains } = this.perturbed;
    const { least } = candidates;
    const failed = 1 - this.histories.filter(hasValue).length / this.histories.length;
    return u < Math.min(1 - least, Math.max(least, 2 * failed - 1, (gains + 1) / (tries + 2)));
  }

  private leading(): Observation[][] {
    return bestFirst(this.scores)
      .map((place) => this.histories[place]!)
      .filter(hasValue)
      .slice(0, candidates.leading);
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
    const due = this.due.filter(hasValue);
    const ranked = bestFirst(scoresOf(due)).map((place) => due[place]!);
    const sample = spreadOver(ranked);
    this.hyperparameters = this.fitted(sample, scoresOf(sample));
    if (due.length < this.due.length) {
      const seen = spreadOver(this.due);
      this.feasible = this.fitted(seen, standardised(labelsOf(seen)));
    }
    this.due = undefined;
  }

  private fitted(histories: readonly History[], targets: Float64Array): Hyperparameters {
    const { dimensions } = this.space;
    const standard = standardHyperparameters(dimensions.length);
    // If all values are equal there is nothing to fit.
    if (targets.every((target) => target === 0)) return standard;
    return fitHyperparameters(dimensions, histories.map(pointOf), targets, standard, fits.steps);
  }

  suggest(ask: Ask): Point {
    if (this.histories.length < this.startup || this.space.dimensions.length === 0)
      return drawEvenly(this.space, this.seed, ask);
    const part = this.mostEndEarly ? independent.stopped : independent.usually;
    if (ask.numbers.next() < part) return drawFreely(this.space, ask);
    const valued = this.histories.filter(hasValue);
    // Without any value there is nothing to be near to.
    if (valued.length === 0) return drawEvenly(this.space, this.seed, ask);
    this.fit();
    const isAll = valued.length === this.histories.length;
    const known = isAll ? this.scores : scoresOf(valued);
    const points = valued.map(pointOf);
    const { dimensions } = this.space;
    this.model = new GaussianProcess(dimensions, points, known, this.hyperparameters, this.model);
    const targets = new Float64Array(known.length + ask.running.length);
    targets.set(known);
    const all = [...points, ...ask.running];
    const process = new GaussianProcess(dimensions, all, targets, this.hyperparameters, this.model);
    // The least of the means, since the least outcome may owe its rank to noise.
    const least = Math.min(...process.means().subarray(0, known.length));
    const chance = isAll ? undefined : this.chances();
    return this.mostPromising(ask, chance, (point) => {
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

  /** The logarithm of the probability that a point has a value, as those around it have or have not. */
  private chances(): (point: Point) => number {
    const { dimensions } = this.space;
    const labels = labelsOf(this.histories);
    const mean = labels.reduce((sum, label) => sum + label, 0) / labels.length;
    const around = labels.map((label) => label - mean);
    const process = new GaussianProcess(
      dimensions,
      this.histories.map(pointOf),
      Float64Array.from(around),
      this.feasible,
    );
    return (point) => {
      const { mean: expected, deviation } = process.predict(point);
      const doubt = Math.hypot(deviation, leastDoubt);
      return Math.log(Math.max(1e-300, normalCumulative((between - mean - expected) / doubt)));
    };
  }

  /**
   * The candidate that promises most. `chance`: the logarithm of the probability that it has a value; undefined where all had one. Where
   * the process is sure of what it has seen, an improvement elsewhere would outweigh any doubt: what is less likely by far is left out.
   */
  private mostPromising(
    ask: Ask,
    chance: ((point: Point) => number) | undefined,
    assess: (point: Point) => Candidate,
  ): Point {
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
    let floor = -Infinity;
    const look = ({ point, ceiling, above }: Candidate): void => {
      if (ceiling <= most) return;
      const own = chance?.(point) ?? 0;
      const promise = own >= floor && ceiling + own > most ? above(most - own) + own : -Infinity;
      if (promise > most) [best, most] = [point, promise];
    };
    const allowed = points.filter(ask.allows);
    if (chance) floor = Math.max(...allowed.map(chance)) - mostDoubtful;
    for (const each of allowed.map(assess).sort((a, b) => b.ceiling - a.ceiling)) look(each);
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
const hasValue = (history: History): boolean => isValued(history.at(-1)!);
const labelsOf = (histories: readonly History[]): number[] => histories.map((history) => Number(!hasValue(history)));

/** At most so many of these as hyperparameters are fitted to, evenly spaced. */
function spreadOver<Item>(all: readonly Item[]): Item[] {
  const apart = Math.max(1, all.length / fits.most);
  return Array.from({ length: Math.floor(all.length / apart) }, (_, at) => all[Math.floor(at * apart)]!);
}

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
