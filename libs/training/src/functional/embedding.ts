import { lookupGradientKernel } from './embedding-gradient';
import { differentiable } from '../tensor/differentiable';
import { hasKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { oneHot } from '../tensor/one-hot';

/**
 * Rows of a table for each lane, torch.nn.Embedding: table [lane, rows, width], ids int32 [lane, …] → [lane, …, width].
 *
 * The gradient sums what flows back to each row. Where a backend has no kernel for it, it is a product with one-hot rows,
 * which every backend can compute in the same order each time.
 */
export function lookup(table: Tensor, ids: Tensor): Tensor {
  const [lanes, rows, width] = table.shape as [number, number, number];
  const count = ids.size / lanes;
  const [taken] = differentiable({
    inputs: { table },
    forward(save) {
      const flat = tf.reshape(ids, [lanes, count]);
      const places = tf.reshape(lanes === 1 ? ids : tf.add(flat, laneStarts(lanes, rows)), [lanes * count]); // rows of all tables
      // Intermediate tensors may be disposed by the time of the gradient.
      save([places, flat]);
      return [tf.reshape(tf.gather(tf.reshape(table, [lanes * rows, width]), places), [...ids.shape, width])];
    },
    backward: ([dy], [places, flat]) => ({
      table() {
        const gradient = hasKernel(lookupGradientKernel)
          ? sumByRow(places!, tf.reshape(dy!, [lanes * count, width]), { rows: lanes * rows, lanes })
          : sumByOneHot(flat!, tf.reshape(dy!, [lanes, count, width]), rows);
        return tf.reshape(gradient, [lanes, rows, width]);
      },
    }),
  });
  return taken!;
}

/** Where each lane's rows begin, int32 [lane, 1]. */
const laneStarts = (lanes: number, rows: number): Tensor =>
  tf.tensor2d(
    Int32Array.from({ length: lanes }, (_, lane) => lane * rows),
    [lanes, 1],
    'int32',
  );

const sumByRow = (ids: Tensor, gradient: Tensor, shape: { rows: number; lanes: number }): Tensor =>
  runKernel(lookupGradientKernel, { ids, gradient }, shape)[0]!;

/** The same sum as a product: ids [lane, n], gradient [lane, n, width] → [lane, rows, width]. */
export const sumByOneHot = (ids: Tensor, gradient: Tensor, rows: number): Tensor =>
  tf.matMul(oneHot(ids, rows), gradient, true, false);
