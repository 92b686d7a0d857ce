import { distributions, samplerDefinitions, ValidationError } from '@unroll/contracts';
import { pointAt } from '../space/point';
import { boundedGridSize } from '../space/space';
import type { Sampler } from './sampler';
import { searched } from '../space/searched';

/** Grid search: every point of the product of all grids once. */
export const grid: Sampler = {
  ...samplerDefinitions.grid,
  configurations(spec) {
    const other = distributions(searched(spec)).find(([, distribution]) => !('grid' in distribution));
    if (other)
      throw new ValidationError([
        {
          path: other[0],
          message: 'search: grid supports only grids: write it as {grid: [...]}, or use search: random',
        },
      ]);
    const size = boundedGridSize(searched(spec));
    const { trials } = spec.search;
    if (trials !== undefined && trials !== size)
      throw new ValidationError([
        { path: 'search.trials', message: `the grid has ${size} points: leave trials out, or set it to ${size}` },
      ]);
    return size;
  },
  open: (space) => ({
    learn: () => undefined,
    suggest: ({ fixed }) =>
      pointAt(space, fixed, () => {
        throw new Error('grid search has no free dimensions');
      }),
  }),
};
