import { ValidationError, type SweepSpec } from '@unroll/contracts';
import { flatten, toPoint, toSpace, type Point } from '../space/point';
import { searched } from '../space/searched';
import { distributions } from '../space/space';

const known = new WeakMap<SweepSpec, Point[]>();

/**
 * The points of search.enqueue, the first configurations of a sweep; NaN for dimensions left to the sampler.
 * @throws ValidationError for a key that is not searched, a value outside the space, and a grid
 */
export function enqueuedPoints(spec: SweepSpec): Point[] {
  const points =
    known.get(spec) ?? (spec.search.enqueue ?? []).map((entry, index) => enqueuedPoint(spec, entry, index));
  known.set(spec, points);
  return points;
}

function enqueuedPoint(spec: SweepSpec, entry: Record<string, unknown>, index: number): Point {
  const space = toSpace(searched(spec));
  const { point, unknown } = toPoint(space, flatten('', entry));
  const grid = space.dimensions.find(({ isGrid }, dimension) => isGrid && !Number.isNaN(point[dimension]!));
  const refuse = (path: string, message: string): ValidationError =>
    new ValidationError([{ path: `search.enqueue[${index}].${path}`, message }]);
  if (grid) throw refuse(grid.path, 'is a grid, which tries each of its values anyway: leave it out');
  if (unknown[0] === undefined) return point;
  const [first] = unknown;
  const isSearched = distributions(searched(spec)).some(([path]) => first === path || first.startsWith(`${path}.`));
  throw refuse(first, isSearched ? 'is outside the search space' : 'is not searched: leave it out');
}
