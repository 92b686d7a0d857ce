import { nameToUint32, stream } from '@unroll/random';

/** Random numbers of one proposal: a function of (seed of the search, number of the configuration, attempt) alone. */
export interface Numbers {
  /** The number in [0, 1) that belongs to a path. */
  of(path: string): number;
  /** The next number in [0, 1). */
  next(): number;
  /** The next standard normal number. */
  normal(): number;
  /** A whole number in [0, count). */
  below(count: number): number;
}

/** Counters that one leaf may use in one draw. */
const parts = 2;
/** Numbers in turn that one attempt may draw before it meets the next attempt's. */
const inTurn = 2 ** 22;

export function numbersOf(seed: number, number: number, attempt: number): Numbers {
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
