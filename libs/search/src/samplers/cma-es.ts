import { distributions, samplerDefinitions, ValidationError } from '@unroll/contracts';
import { EvolutionStrategy, type Tried } from '../models/evolution-strategy';
import { randomNumbers } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import { freePoint, pointAt, type Point, type Space } from '../space/point';
import { evenConfigurations } from './configurations';
import { reflected } from './gaussian-process';
import { drawFreely } from './random';
import type { Ask, Sampler, Suggester } from './sampler';
import { searched } from '../space/searched';

/** Maximum draws outside the constraints before a free draw is used. */
const draws = 100;
/** Fraction of independent configurations once most trials are stopped early: these are cheap, and their values mislead. */
const independent = 1 / 2;

/**
 * CMA-ES (Hansen) for ranges, with restarts at twice the population (Auger & Hansen 2005). Each grid point has its own search. Trials
 * finish in any order: a generation consists of the next outcomes, whichever distribution they were sampled from.
 */
export const cmaEs: Sampler = {
  ...samplerDefinitions['cma-es'],
  configurations(spec) {
    const list = distributions(searched(spec)).find(([, each]) => 'choice' in each);
    if (list)
      throw new ValidationError([
        {
          path: list[0],
          message: 'search: cma-es supports ranges and grids, not choices: make it a grid, or use search: tpe',
        },
      ]);
    return evenConfigurations(spec);
  },
  open: (space, seed) => new CmaEsSuggester(space, seed),
};

interface Branch {
  strategy: EvolutionStrategy;
  tried: Tried[];
  restarts: number;
}

class CmaEsSuggester implements Suggester {
  /** Searches by existing dimensions and chosen options. */
  private readonly branches = new Map<string, Branch>();
  private learned = 0;
  private stopped = 0;

  constructor(
    private readonly space: Space,
    private readonly seed: number,
  ) {}

  /** The ranges that exist at a point, and a key for its options. */
  private existingRanges(point: Point): { ranges: number[]; name: string } {
    const { dimensions } = this.space;
    const indices = [...dimensions.keys()];
    const ranges = indices.filter((index) => !dimensions[index]!.isList && !Number.isNaN(point[index]!));
    return { ranges, name: indices.map((index) => (dimensions[index]!.isList ? point[index] : 0)).join() };
  }

  private branch(name: string, size: number): Branch {
    const known = this.branches.get(name);
    if (known) return known;
    const strategy = new EvolutionStrategy(size, populationSize(size), () => 0.5);
    const branch = { strategy, tried: [], restarts: 0 };
    this.branches.set(name, branch);
    return branch;
  }

  learn(outcome: Observation, replaced?: Observation): void {
    const { point, share } = outcome;
    const { ranges, name } = this.existingRanges(point);
    if (ranges.length === 0) return;
    this.learned += Number(replaced === undefined);
    this.stopped += Number(share < 1) - Number(replaced !== undefined && replaced.share < 1);
    const branch = this.branch(name, ranges.length);
    const earlier = branch.tried.find((each) => each.outcome === replaced);
    if (earlier) {
      earlier.outcome = outcome;
      return;
    }
    // One whose generation has ended already counts in the next.
    branch.tried.push({ at: Float64Array.from(ranges, (index) => point[index]!), outcome });
    if (branch.tried.length < branch.strategy.population) return;
    branch.strategy.advance(branch.tried);
    branch.tried = [];
    if (!branch.strategy.isOver) return;
    branch.restarts += 1;
    const numbers = randomNumbers(this.seed, 2 ** 32 - branch.restarts, 0);
    branch.strategy = new EvolutionStrategy(
      ranges.length,
      populationSize(ranges.length) * 2 ** branch.restarts,
      (dimension) => numbers.of(`restart ${name} ${dimension}`),
    );
  }

  suggest(ask: Ask): Point {
    // A distribution that has converged on values of short trainings would not leave its region.
    if (2 * this.stopped > this.learned && ask.numbers.next() < independent) return drawFreely(this.space, ask);
    // Free positions are sampled only to find out which ranges exist.
    const { ranges, name } = this.existingRanges(drawFreely(this.space, ask));
    if (ranges.length === 0) return drawFreely(this.space, ask);
    const { strategy } = this.branch(name, ranges.length);
    for (let draw = 0; draw < draws; draw += 1) {
      const at = strategy.draw(ask.numbers);
      const target = freePoint(this.space);
      for (const [position, index] of ranges.entries()) target[index] = reflected(at[position]!);
      for (const [index, given] of ask.fixed.entries()) if (!Number.isNaN(given)) target[index] = given;
      const point = pointAt(this.space, target, () => ask.numbers.next());
      if (ask.allows(point)) return point;
    }
    return drawFreely(this.space, ask);
  }
}

const populationSize = (size: number): number => 4 + Math.floor(3 * Math.log(size));
