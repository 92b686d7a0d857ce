import { threefry2x32 } from '@unroll/random';
import { sobolDirections } from './sobol-directions';

const bits = 32;
/** Number of dimensions with direction numbers; further ones use independent random numbers. */
export const sobolDimensions = sobolDirections.length + 1;

const directions = Array.from({ length: sobolDimensions }, (_, dimension) => directionNumbers(dimension));

/** The 32 direction numbers of one dimension, the first in the highest bit (Bratley and Fox 1988). */
function directionNumbers(dimension: number): Uint32Array {
  const numbers = new Uint32Array(bits);
  const row = sobolDirections[dimension - 1];
  if (!row) return numbers.map((_, bit) => 2 ** (bits - 1 - bit));
  const degree = row.initial.length;
  for (let bit = 0; bit < bits; bit += 1) {
    if (bit < degree) {
      numbers[bit] = row.initial[bit]! * 2 ** (bits - 1 - bit);
      continue;
    }
    let value = numbers[bit - degree]! ^ (numbers[bit - degree]! >>> degree);
    for (let term = 1; term < degree; term += 1)
      if ((row.polynomial >>> (degree - term)) & 1) value ^= numbers[bit - term]!;
    numbers[bit] = value;
  }
  return numbers;
}

function reverseBits(value: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}

/** Owen scrambling as a hash in which each bit depends only on higher ones (Laine and Karras 2011; Burley 2020). */
function scramble(value: number, key: number): number {
  let x = reverseBits(value) + key;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reverseBits(x) >>> 0;
}

/**
 * Coordinate `dimension` of point `index` of a scrambled Sobol sequence, in [0, 1): any 2^k consecutive points from a multiple of 2^k
 * are stratified. `key`: the scrambling key, which selects the sequence. Pure.
 */
export function sobol(index: number, dimension: number, key: readonly [number, number]): number {
  const [salt] = threefry2x32(key, [dimension, 0x50b01]);
  if (dimension >= sobolDimensions) return threefry2x32(key, [dimension, index])[0] / 2 ** bits;
  let value = 0;
  for (let rest = index, bit = 0; rest > 0; rest = Math.floor(rest / 2), bit += 1)
    if (rest % 2 === 1) value ^= directions[dimension]![bit]!;
  return scramble(value >>> 0, salt | 0) / 2 ** bits;
}
