import { ValidationError } from '@unroll/contracts';
import { nameToUint32, stream } from '@unroll/random';
import { boundedGridSize, distributions, draw } from '../space';
import type { Sampler } from './sampler';
import { searched } from './searched';

const standardTrials = 10;
/** Counters that one leaf may use in one draw. */
const parts = 2;

/** Independent draws (Bergstra & Bengio 2012). Every point of the grids gets an equal number of them, in turn. */
export const random: Sampler = {
  algorithm: 'random',
  configurations(spec) {
    const size = boundedGridSize(searched(spec));
    const { trials } = spec.search;
    if (trials === undefined) return size > 1 || distributions(searched(spec)).length === 0 ? size : standardTrials;
    if (trials % size !== 0) {
      const next = Math.ceil(trials / size) * size;
      throw new ValidationError([
        {
          path: 'search.trials',
          message: `must be a multiple of the ${size} points of the grids, such as ${next}, not ${trials}`,
        },
      ]);
    }
    return trials;
  },
  suggest(spec, number, attempt) {
    const tree = searched(spec);
    const numbers = stream(spec.search.seed, 'search');
    return draw(tree, number % boundedGridSize(tree), (path, part) =>
      numbers.uniform(number, (nameToUint32(path) + attempt * parts + part) >>> 0),
    );
  },
};
