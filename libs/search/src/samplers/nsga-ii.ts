import { samplerDefinitions } from '@unroll/contracts';
import { compareOutcomes, isValued, type Observation } from '../objectives/observation';
import { crowdingDistances, paretoRanks } from '../objectives/pareto';
import { freePoint, pointAt, type Point, type Space } from '../space/point';
import { evenConfigurations } from './configurations';
import { drawEvenly } from './sobol';
import type { Ask, Sampler, Suggester } from './sampler';

const settings = {
  population: 32,
  /** Crossover probability. */
  crossover: 0.9,
  /** Distribution index of Deb's operators: higher keeps children closer to their parents. */
  spread: 15,
  /** Maximum children that violate the constraints before a uniform draw. */
  draws: 100,
};

/**
 * Multi-objective evolution: NSGA-II (Deb et al. 2002), one child at a time. The population is the best of all outcomes by Pareto rank,
 * then by crowding distance.
 */
export const nsga: Sampler = {
  ...samplerDefinitions['nsga-ii'],
  configurations: evenConfigurations,
  open: (space, seed) => new NsgaSuggester(space, seed),
};

interface Member {
  outcome: Observation;
  rank: number;
  distance: number;
}

class NsgaSuggester implements Suggester {
  private population: Member[] = [];
  private learned = 0;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {}

  learn(outcome: Observation, replaced?: Observation): void {
    this.learned += Number(replaced === undefined);
    const others = this.population.map((member) => member.outcome).filter((each) => each !== replaced);
    this.population = survivors([...others, outcome]);
  }

  suggest(ask: Ask): Point {
    if (this.learned < settings.population) return drawEvenly(this.space, this.seed, ask);
    for (let draw = 0; draw < settings.draws; draw += 1) {
      const child = this.child(ask);
      if (ask.allows(child)) return child;
    }
    return drawEvenly(this.space, this.seed, ask);
  }

  /** Binary tournament (Deb's crowded comparison). */
  private parent({ numbers }: Ask): Point {
    const [a, b] = [numbers.below(this.population.length), numbers.below(this.population.length)];
    // The population is sorted.
    return this.population[Math.min(a, b)]!.outcome.point;
  }

  private child(ask: Ask): Point {
    const { numbers, fixed } = ask;
    const [mother, father] = [this.parent(ask), this.parent(ask)];
    const isMixed = numbers.next() < settings.crossover;
    const target = freePoint(this.space);
    for (const [index, { isList }] of this.space.dimensions.entries()) {
      const [a, b] = [mother[index]!, father[index]!];
      if (!Number.isNaN(fixed[index]!)) target[index] = fixed[index]!;
      else if (Number.isNaN(a) || Number.isNaN(b)) target[index] = Number.isNaN(a) ? b : a;
      else if (isList) target[index] = isMixed && numbers.next() < 0.5 ? b : a;
      else target[index] = isMixed ? crossed(a, b, numbers.next(), numbers.next()) : a;
      if (Number.isNaN(fixed[index]!) && numbers.next() < 1 / this.space.dimensions.length)
        target[index] = isList || Number.isNaN(target[index]) ? numbers.next() : mutated(target[index], numbers.next());
    }
    return pointAt(this.space, target, () => numbers.next());
  }
}

/** The best outcomes, in order. One that lacks a value is behind all that have each: by its others alone it could be ahead of them. */
function survivors(outcomes: readonly Observation[]): Member[] {
  const values = outcomes.map((outcome) =>
    isValued(outcome) ? outcome.values : outcome.values.map(() => Number.MAX_VALUE),
  );
  const ranks = paretoRanks(values);
  const distances = outcomes.map(() => 0);
  for (const rank of new Set(ranks)) {
    const front = ranks.flatMap((each, index) => (each === rank ? [index] : []));
    for (const [place, distance] of crowdingDistances(front.map((index) => values[index]!)).entries())
      distances[front[place]!] = distance;
  }
  return outcomes
    .map((outcome, index) => ({ outcome, rank: ranks[index]!, distance: distances[index]! }))
    .sort((a, b) => a.rank - b.rank || descending(a.distance, b.distance) || compareOutcomes(a.outcome, b.outcome))
    .slice(0, settings.population);
}

/** Compares without subtraction: Infinity − Infinity is NaN. */
const descending = (a: number, b: number): number => (a === b ? 0 : b > a ? 1 : -1);

/** Simulated binary crossover (Deb & Agrawal 1995). */
function crossed(a: number, b: number, u: number, side: number): number {
  const exponent = 1 / (settings.spread + 1);
  const spread = u < 0.5 ? (2 * u) ** exponent : (1 / (2 * (1 - u))) ** exponent;
  const child = side < 0.5 ? ((1 + spread) * a + (1 - spread) * b) / 2 : ((1 - spread) * a + (1 + spread) * b) / 2;
  return Math.min(1, Math.max(0, child));
}

/** Polynomial mutation (Deb & Goyal 1996). */
function mutated(x: number, u: number): number {
  const exponent = 1 / (settings.spread + 1);
  const step = u < 0.5 ? (2 * u) ** exponent - 1 : 1 - (2 * (1 - u)) ** exponent;
  return Math.min(1, Math.max(0, x + step));
}
