import { existsSync } from 'node:fs';
import { tf, type Tensor } from '../tensor/tfjs';

/** A software GPU: jest.config.mjs names its driver where it is installed. */
const driver = process.env.VK_DRIVER_FILES;
const there = driver !== undefined && existsSync(driver);
export const describeGpu = there ? describe : describe.skip;
export const reason = there ? '' : ' (skipped: there is no SwiftShader, which comes with Debian’s package chromium)';
if (there) process.env.UNROLL_GPU = 'software';

/** Distinct numbers for all places. */
export const wave = (shape: number[], phase: number, size = 1): Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: shape.reduce((product, each) => product * each, 1) },
      (_, index) => size * Math.sin(1.7 * index + phase),
    ),
    shape,
  );

/** The Euclidean distance of two lists, relative to the length of the second. */
export function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < theirs.length; index++) {
    difference += (ours[index]! - theirs[index]!) ** 2;
    size += theirs[index]! ** 2;
  }
  return Math.sqrt(difference / size);
}
