import { nameToUint32, stream } from '@unroll/random';

/** Random numbers of one proposal: a function of (search seed, configuration number, attempt) only. */
export interface Numbers {
  /** The number in [0, 1) of a path. */
  of(path: string): number;
  /** The next number in [0, 1). */
  next(): number;
  /** The next standard normal number. */
  normal(): number;
  /** An integer in [0, count). */
  below(count: number): number;
}

/** Counter values reserved per leaf and draw. */
const parts = 2;
/** Sequential numbers available to one attempt before they overlap with the next attempt's. */
const inTurn = 2 ** 22;

export function randomNumbers(seed: number, number: number, attempt: number): Numbers {
  const source = stream(seed, 'search');
  let drawn = nameToUint32('in turn') + attempt * inTurn;
  const index = (): number => drawn++ >>> 0;
  const next = (): number => source.uniform(number, index());
  return {
    of: (path) => source.uniform(number, (nameToUint32(path) + attempt * parts) >>> 0),
    next,
    normal: () => source.normal(number, index()),
    below: (count) => Math.floor(next() * count),
  };
}
