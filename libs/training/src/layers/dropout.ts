import { nameToUint32, stream } from '@unroll/random';
import { tf, type Tensor } from '../engines/tfjs';

/** A lane's masks: a pure function of its seed and update. */
export interface LaneMask {
  seed: number;
  update: number;
  /** Part that is dropped, from 0 to below 1. */
  rate: number;
}

/** What is dropped: `rows` of `blocks` (directions) of `width` units each. */
export interface MaskShape {
  rows: number;
  blocks: number;
  width: number;
}

/** More than the widest layer has; a power of two, so that no two units of a row share a number. */
const mostUnits = 2 ** 13;
const mostBlocks = 2;
const rowsOfCounter = 2 ** 32 / (mostUnits * mostBlocks);

/**
 * Inverted dropout (Srivastava et al. 2014, with the scale in training): 0 for what is dropped, else 1 / (1 − rate);
 * [lane, rows, blocks·width]. Undefined where no lane drops anything.
 *
 * Drawn from the lane's stream `dropout` at (number of `place` + update, (row, block, unit)): the same whatever the padding,
 * the other lanes, and what else is dropped. About 20 ns a value.
 */
export function dropoutMask(lanes: readonly LaneMask[], place: string, shape: MaskShape): Tensor | undefined {
  if (lanes.every(({ rate }) => rate === 0)) return undefined;
  const { rows, blocks, width } = shape;
  const size = rows * blocks * width;
  const values = new Float32Array(lanes.length * size);
  lanes.forEach((lane, index) => fill(values.subarray(index * size, (index + 1) * size), lane, place, shape));
  return tf.tensor3d(values, [lanes.length, rows, blocks * width]);
}

function fill(values: Float32Array, { seed, update, rate }: LaneMask, place: string, shape: MaskShape): void {
  const { rows, blocks, width } = shape;
  const random = stream(seed, 'dropout');
  const [least, scale, start] = [rate * 2 ** 32, 1 / (1 - rate), nameToUint32(place) + update];
  let at = 0;
  for (let row = 0; row < rows; row++) {
    // Rows beyond what a counter of 32 bits has take another one.
    const counter = (start + 0x9e3779b9 * Math.floor(row / rowsOfCounter)) >>> 0;
    for (let block = 0; block < blocks; block++) {
      const begin = ((row % rowsOfCounter) * mostBlocks + block) * mostUnits;
      for (let unit = 0; unit < width; unit++) values[at++] = random.uint32(counter, begin + unit) < least ? 0 : scale;
    }
  }
}
