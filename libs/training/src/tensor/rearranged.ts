import { hasKernel } from './kernels';
import { takeRowsKernel } from './layer-kernels';
import { runKernel, tf, type Tensor } from './tfjs';

/** The source and the destination of rows, each at most once; −1 for none. */
export interface Arrangement {
  /** Of each row of the result, [lane, m]. */
  from: Int32Array;
  /** Of each row of the input, [lane, n]. */
  to: Int32Array;
}

/**
 * Rows in another order, 0 where there is none: x [lane, n, width] → [lane, m, width]. Since no row is taken twice, its
 * gradient is the inverse order, without sums: the same on every backend.
 */
export function rearranged(x: Tensor, { from, to }: Arrangement): Tensor {
  return tf.customGrad((...[given]) => ({
    value: takeRows(given as Tensor, from),
    gradFunc: (dy: Tensor) => takeRows(dy, to),
  }))(x);
}

function takeRows(x: Tensor, places: Int32Array): Tensor {
  const [lanes, count, width] = x.shape as [number, number, number];
  const own = places.length / lanes;
  const none = lanes * count;
  const begin = (index: number): number => Math.floor(index / own) * count;
  if (hasKernel(takeRowsKernel)) {
    const rows = places.map((place, index) => (place < 0 ? -1 : begin(index) + place));
    const inputs = { x: tf.reshape(x, [none, width]), places: tf.tensor1d(rows, 'int32') };
    return tf.reshape(runKernel(takeRowsKernel, inputs)[0]!, [lanes, own, width]);
  }
  const rows = places.map((place, index) => (place < 0 ? none : begin(index) + place));
  const all = tf.concat([tf.reshape(x, [none, width]), tf.zeros([1, width])], 0);
  return tf.reshape(tf.gather(all, tf.tensor1d(rows, 'int32')), [lanes, own, width]);
}
