import { threefryInto } from './threefry';

/**
 * The purposes of random numbers, each with a number that is part of the key. Never change a number: every curve trained so far would
 * change.
 */
const streams = {
  initialisation: 1,
  order: 2,
  dropout: 3,
  noise: 4,
  augmentation: 5,
  forcing: 6,
  search: 7,
  sample: 8,
  data: 9,
} as const;

export type StreamName = keyof typeof streams;

const word = 2 ** 32;

/**
 * One named stream of a seed: a pure function of (update, index), both unsigned 32-bit integers. It is stateless, so checkpoints need not
 * store it, calls give the same numbers in any order, and streams never overlap.
 */
export interface Stream {
  /** The Threefry key, for implementations that draw elsewhere, such as on a GPU. */
  readonly key: readonly [number, number];
  /** An integer in [0, 2^32). */
  uint32(update: number, index: number): number;
  /** A number in [0, 1) with 53 random bits. */
  uniform(update: number, index: number): number;
  /** A number in [0, 1) with 24 random bits: exact in float32, so a GPU draws the same one. */
  uniformFloat32(update: number, index: number): number;
  /** A standard normal number (Box and Muller 1958, the cosine of the pair), in float64. */
  normal(update: number, index: number): number;
  /** `count` values of `low + (high − low)·uniformFloat32(update, i)`, rounded to float32. */
  fillUniform(update: number, count: number, low: number, high: number): Float32Array;
  /** `count` values of `normal(update, i)`, rounded to float32. */
  fillNormal(update: number, count: number): Float32Array;
}

function requireUint32(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= word)
    throw new RangeError(`${what} must be an integer from 0 to ${word - 1}, not ${value}`);
}

/**
 * The stream `name` of `seed`. Key: (seed, the stream's number). Counter: (update, index).
 * @throws RangeError for a seed that is not an integer from 0 to 2^32 − 1
 */
export function stream(seed: number, name: StreamName): Stream {
  requireUint32('a seed', seed);
  const number = streams[name];
  const pair = new Uint32Array(2);
  const draw = (update: number, index: number): void => threefryInto(pair, seed, number, update, index);
  const uniformFloat32 = (update: number, index: number): number => {
    draw(update, index);
    return (pair[0]! >>> 8) / 2 ** 24;
  };
  const normal = (update: number, index: number): number => {
    draw(update, index);
    // In (0, 1], so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log((pair[0]! + 1) / word));
    return radius * Math.cos((2 * Math.PI * pair[1]!) / word);
  };
  return {
    key: [seed, number],
    uint32(update, index) {
      draw(update, index);
      return pair[0]!;
    },
    uniform(update, index) {
      draw(update, index);
      return ((pair[0]! >>> 5) * 2 ** 26 + (pair[1]! >>> 6)) / 2 ** 53;
    },
    uniformFloat32,
    normal,
    fillUniform(update, count, low, high) {
      const values = new Float32Array(count);
      for (let index = 0; index < count; index++) values[index] = low + (high - low) * uniformFloat32(update, index);
      return values;
    },
    fillNormal(update, count) {
      const values = new Float32Array(count);
      for (let index = 0; index < count; index++) values[index] = normal(update, index);
      return values;
    },
  };
}

/** Hashes a name to an unsigned 32-bit integer (FNV-1a over UTF-16 units), for use as a counter. */
export function nameToUint32(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
