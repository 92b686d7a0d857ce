import { stream } from '@unroll/random';
import { jStat } from 'jstat';

/** Draws with the numbers of one counter of a seed's stream for samples: the same at each call. */
export function drawnWith<Result>(seed: number, counter: number, draw: () => Result): Result {
  const random = stream(seed, 'sample');
  let drawn = 0;
  jStat.setRandom(() => random.uniform(counter, drawn++));
  try {
    return draw();
  } finally {
    jStat.setRandom(Math.random);
  }
}

/** In [0, 1). Like the others only within `drawnWith`. */
export const uniform = (): number => jStat._random_fn();
export const standardNormal = (): number => jStat.randn();
/** Of a gamma distribution with this shape and the scale 1 (Marsaglia & Tsang 2000). */
export const gammaOf = (shape: number): number => jStat.randg(shape);
