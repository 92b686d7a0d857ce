import { distributions, ValidationError, type SweepSpec } from '@unroll/contracts';
import { flatten, toPoint, toSpace, type Point } from '../space/point';
import { remembered } from '../space/remembered';
import { searched } from '../space/searched';
import type { Parameters } from '../space/space';

/** A configuration to try first: its point, NaN for dimensions left to the sampler, and the parameters that it was given by. */
export interface Enqueued {
  point: Point;
  given: Parameters;
}

/**
 * The configurations of search.enqueue, the first of a sweep.
 * @throws ValidationError for a key that is not searched, a value outside the space, and a grid
 */
export const enqueuedOf = remembered((spec): Enqueued[] =>
  (spec.search.enqueue ?? []).map((entry, index) => toEnqueued(spec, entry, index)),
);

function toEnqueued(spec: SweepSpec, entry: Record<string, unknown>, index: number): Enqueued {
  const space = toSpace(searched(spec));
  const given = flatten('', entry);
  const { point, unknown } = toPoint(space, given);
  const grid = space.dimensions.find(({ isGrid }, dimension) => isGrid && !Number.isNaN(point[dimension]!));
  const refuse = (path: string, message: string): ValidationError =>
    new ValidationError([{ path: `search.enqueue[${index}].${path}`, message }]);
  if (grid) throw refuse(grid.path, 'is a grid, which tries each of its values anyway: leave it out');
  if (unknown[0] === undefined) return { point, given };
  const [first] = unknown;
  const isSearched = distributions(searched(spec)).some(([path]) => first === path || first.startsWith(`${path}.`));
  throw refuse(first, isSearched ? 'is outside the search space' : 'is not searched: leave it out');
}
