import { ValidationError, type SweepSpec } from '@unroll/contracts';
import { boundedGridSize, distributions } from '../space/space';
import { searched } from '../space/searched';

const standardTrials = 10;

/** The number of configurations of a sweep in which every grid point gets an equal number of draws. @throws ValidationError */
export function evenConfigurations(spec: SweepSpec): number {
  const size = boundedGridSize(searched(spec));
  const { trials } = spec.search;
  if (trials === undefined) return size > 1 || distributions(searched(spec)).length === 0 ? size : standardTrials;
  if (trials % size !== 0) {
    const next = Math.ceil(trials / size) * size;
    throw new ValidationError([
      {
        path: 'search.trials',
        message: `must be a multiple of the ${size} grid points, such as ${next}, not ${trials}`,
      },
    ]);
  }
  return trials;
}
