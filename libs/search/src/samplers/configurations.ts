import { distributions, ValidationError, type SweepSpec } from '@unroll/contracts';
import { boundedGridSize } from '../space/space';
import { searched } from '../space/searched';

const standardTrials = 10;

/** @throws ValidationError, at `path`, for a number of configurations that does not give each grid point equally many */
export function requireWholeGrids(spec: SweepSpec, trials: number, path: string): void {
  const size = boundedGridSize(searched(spec));
  if (trials % size === 0) return;
  const next = Math.ceil(trials / size) * size;
  const message = `must be a multiple of the ${size} grid points, such as ${next}, not ${trials}`;
  throw new ValidationError([{ path, message }]);
}

/** The number of configurations of a sweep in which every grid point gets an equal number of draws. @throws ValidationError */
export function evenConfigurations(spec: SweepSpec): number {
  const size = boundedGridSize(searched(spec));
  const { trials } = spec.search;
  if (trials === undefined) return size > 1 || distributions(searched(spec)).length === 0 ? size : standardTrials;
  requireWholeGrids(spec, trials, 'search.trials');
  return trials;
}
