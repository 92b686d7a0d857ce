import { isExploiting, mayChange, ValidationError, wholeStopping, type SweepSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { toSpace } from '../space/point';
import { searched } from '../space/searched';
import { populationKey } from './population-key';

/** Requires members of equal architecture, a parameter to perturb, and enough members. @throws ValidationError */
export function checkPopulation(spec: SweepSpec, size: { configurations: number; seeds: number }): void {
  if (!spec.stopping || !isExploiting(spec.stopping.rule)) return;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (size.seeds > 1)
    throw refuse(
      spec.search.seeds ? 'search.seeds' : 'search.repeats',
      'a population cannot repeat seeds, since each member changes its parameters by itself: increase search.trials instead',
    );
  if (chooseSampler(spec).sampler.learns)
    throw refuse(
      'search.algorithm',
      `a population changes the parameters that ${spec.search.algorithm} would learn from: use search: random or sobol`,
    );
  const { dimensions, gridSize } = toSpace(searched(spec));
  const shaping = dimensions.find(({ path, isGrid }) => !isGrid && !mayChange(path));
  if (shaping)
    throw refuse(
      shaping.path,
      'must not vary within a population, whose members copy weights: set one value, or a grid for one population per value',
    );
  if (!dimensions.some(({ path, isList }) => !isList && mayChange(path)))
    throw refuse(
      'stopping.rule',
      'population has nothing to perturb: make a number of the training, such as training.learningRate, a range',
    );
  const populations = new Set(Array.from({ length: gridSize }, (_, point) => populationKey(spec, point))).size;
  const members = size.configurations / populations;
  const fewest = Math.ceil(1 / wholeStopping(spec.stopping).replaced);
  if (members < fewest)
    throw refuse(
      'search.trials',
      `gives ${populations === 1 ? 'a population' : 'populations'} of ${members}, too few for stopping.replaced: set at least ${fewest * populations}`,
    );
}
