import { samplerDefinitions } from '@unroll/contracts';
import { compareOutcomes, isValued, type Observation } from '../objectives/observation';
import { ParzenEstimator } from '../models/parzen';
import type { Point, Space } from '../space/point';
import { Reservoir } from './reservoir';
import { evenConfigurations } from './configurations';
import type { Ask, Sampler, Suggester } from './sampler';
import { drawFreely } from './random';
import { drawEvenly } from './sobol';

const settings = {
  /** Number of quasi-random configurations before the densities are used. */
  startup: 10,
  /** Fraction of the outcomes that counts as good, and its maximum number. */
  part: 0.1,
  most: 25,
  candidates: 24,
  /** Number of best outcomes kept, and of the others. */
  kept: 64,
  sampled: 300,
  /** Fraction of independent configurations once most trials are stopped early, which makes them cheap (Falkner et al. 2018). */
  independent: 1 / 3,
};

/**
 * Multivariate tree-structured Parzen estimator (Bergstra et al. 2011; Falkner et al. 2018): samples candidates from the density of the
 * good outcomes and takes the one with the largest ratio of that density to the density of the others.
 */
export const tpe: Sampler = {
  ...samplerDefinitions.tpe,
  configurations: evenConfigurations,
  open: (space, seed) => new TpeSuggester(space, seed),
};

class TpeSuggester implements Suggester {
  /** The best outcomes, best first. */
  private readonly best: Observation[] = [];
  /** A fixed-size uniform sample of the others, so that the cost of a proposal does not grow with the trials. */
  private readonly others = new Reservoir<Observation>(settings.sampled);
  private learned = 0;
  private stopped = 0;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {}

  learn(observation: Observation, replaced?: Observation): void {
    if (replaced) this.forget(replaced);
    this.learned += 1;
    this.stopped += Number(observation.share < 1);
    let place = this.best.length;
    while (place > 0 && compareOutcomes(observation, this.best[place - 1]!) < 0) place -= 1;
    this.best.splice(place, 0, observation);
    if (this.best.length > settings.kept) {
      const last = this.best.pop()!;
      this.others.add(last, last.number);
    }
  }

  private forget(observation: Observation): void {
    this.learned -= 1;
    this.stopped -= Number(observation.share < 1);
    const place = this.best.indexOf(observation);
    if (place < 0) this.others.remove(observation);
    else this.best.splice(place, 1);
  }

  suggest(ask: Ask): Point {
    if (this.learned < settings.startup) return drawEvenly(this.space, this.seed, ask);
    // Values of short trainings mislead: a part of the configurations does not depend on them.
    if (2 * this.stopped > this.learned && ask.numbers.next() < settings.independent)
      return drawFreely(this.space, ask);
    // What has no value is never good, however few outcomes have one: with none there is nothing to be near to.
    const valued = this.best.findIndex((each) => !isValued(each));
    if (valued === 0) return drawEvenly(this.space, this.seed, ask);
    const good = Math.min(
      settings.most,
      Math.ceil(settings.part * this.learned),
      valued < 0 ? this.best.length : valued,
    );
    const below = this.best.slice(0, good).map(({ point }) => ({ point, weight: 1 }));
    const above = [
      ...this.best.slice(good).map(({ point }) => ({ point, weight: 1 })),
      ...this.others.items.map(({ point }) => ({ point, weight: this.others.share })),
      ...ask.running.map((point) => ({ point, weight: 1 })),
    ];
    const [l, g] = [new ParzenEstimator(this.space, below), new ParzenEstimator(this.space, above)];
    let chosen: Point | undefined;
    let most = -Infinity;
    for (let candidate = 0; candidate < settings.candidates; candidate += 1) {
      const point = l.draw(ask.fixed, ask.numbers);
      if (!ask.allows(point)) continue;
      const gain = l.logDensity(point) - g.logDensity(point);
      if (gain > most) [chosen, most] = [point, gain];
    }
    return chosen ?? drawEvenly(this.space, this.seed, ask);
  }
}
