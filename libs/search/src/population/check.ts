import { mayChange, ValidationError, wholeStopping, type SweepSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { toSpace } from '../space/point';
import { searched } from '../space/searched';
import { populationKey } from './population-key';

/** What a population needs: members whose weights fit each other, and numbers that may change. @throws ValidationError */
export function checkPopulation(spec: SweepSpec, size: { configurations: number; seeds: number }): void {
  if (spec.stopping?.rule !== 'population') return;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (size.seeds > 1)
    throw refuse(
      spec.search.seeds ? 'search.seeds' : 'search.repeats',
      'each member of a population takes a way of its own, which seeds cannot share: give more search.trials instead',
    );
  if (chooseSampler(spec).sampler.learns)
    throw refuse(
      'search.algorithm',
      `a population changes what ${spec.search.algorithm} would learn from: use search: random or sobol`,
    );
  const { dimensions, gridSize } = toSpace(searched(spec));
  const shaping = dimensions.find(({ path, isGrid }) => !isGrid && !mayChange(path));
  if (shaping)
    throw refuse(
      shaping.path,
      'cannot be drawn where a population shares its weights: give a value, or a grid for a population of each',
    );
  if (!dimensions.some(({ path, isList }) => !isList && mayChange(path)))
    throw refuse(
      'stopping.rule',
      'population has nothing to change: draw a number of training, such as training.learningRate, from a range',
    );
  const populations = new Set(Array.from({ length: gridSize }, (_, point) => populationKey(spec, point))).size;
  const members = size.configurations / populations;
  const fewest = Math.ceil(1 / wholeStopping(spec.stopping).replaced);
  if (members < fewest)
    throw refuse(
      'search.trials',
      `makes ${populations === 1 ? 'a population' : 'populations'} of ${members}, too few for stopping.replaced: give at least ${fewest * populations}`,
    );
}
