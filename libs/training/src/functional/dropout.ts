import { nameToUint32, stream } from '@unroll/random';
import { dropoutMaskKernel, hasKernel, keyTensor } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';

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
const units = 2 ** 13;
const blocksOfRow = 2;
const rowsOfCounter = 2 ** 32 / (units * blocksOfRow);

/**
 * Inverted dropout (Srivastava et al. 2014, with the scale in training): 0 for what is dropped, else 1 / (1 − rate);
 * [lane, rows, blocks·width]. Undefined where no lane drops anything.
 *
 * Drawn from the lane's stream `dropout` at (number of `place` + update, (row, block, unit)): the same whatever the padding,
 * the other lanes, and what else is dropped; by the engine's own kernel where it has one, else about 20 ns a value.
 */
export function dropoutMask(lanes: readonly LaneMask[], place: string, shape: MaskShape): Tensor | undefined {
  if (lanes.every(({ rate }) => rate === 0)) return undefined;
  const { rows, blocks, width } = shape;
  const drawn = lanes.map((lane) => drawMask(lane, place));
  if (hasKernel(dropoutMaskKernel) && rows <= rowsOfCounter) {
    const keys = drawn.map(({ random, counter, least }) => [...random.key, counter, least]);
    return tf.tidy(() => {
      const scales = tf.tensor1d(drawn.map(({ scale }) => scale));
      const attributes = { ...shape, blocksOfRow, units };
      return tf.engine().runKernel<Tensor>(dropoutMaskKernel, { keys: keyTensor(keys), scales }, attributes);
    });
  }
  const size = rows * blocks * width;
  const values = new Float32Array(lanes.length * size);
  drawn.forEach((lane, index) => fill(values.subarray(index * size, (index + 1) * size), lane, shape));
  return tf.tensor3d(values, [lanes.length, rows, blocks * width]);
}

type Drawn = ReturnType<typeof drawMask>;

/** The stream, the first word of its counter, the least number of 32 bits that is kept, and what is put where it is. */
const drawMask = ({ seed, update, rate }: LaneMask, place: string) => ({
  random: stream(seed, 'dropout'),
  counter: (nameToUint32(place) + update) >>> 0,
  least: Math.min(2 ** 32 - 1, Math.ceil(rate * 2 ** 32)),
  scale: 1 / (1 - rate),
});

function fill(values: Float32Array, { random, counter: start, least, scale }: Drawn, shape: MaskShape): void {
  const { rows, blocks, width } = shape;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    // Rows beyond what a counter of 32 bits has take another one.
    const counter = (start + 0x9e3779b9 * Math.floor(row / rowsOfCounter)) >>> 0;
    for (let block = 0; block < blocks; block++) {
      const begin = ((row % rowsOfCounter) * blocksOfRow + block) * units;
      for (let unit = 0; unit < width; unit++) values[at++] = random.uint32(counter, begin + unit) < least ? 0 : scale;
    }
  }
}
