import { tf, type Tensor } from './tfjs';

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
  const rows = places.map((place, index) => (place < 0 ? none : Math.floor(index / own) * count + place));
  const all = tf.concat([tf.reshape(x, [none, width]), tf.zeros([1, width])], 0);
  return tf.reshape(tf.gather(all, tf.tensor1d(rows, 'int32')), [lanes, own, width]);
}
