import { tf, type Tensor } from '../tensor/tfjs';
import { linearTanh } from '../functional/linear';
import { lookup } from '../functional/embedding';

/** Outputs of a body with the lengths of their sequences. */
export interface Pooled {
  /** [lane, time, batch, width], 0 at steps that do not count. */
  outputs: Tensor;
  /** Steps of each sequence, [lane, batch]. */
  lengths: Int32Array;
  /** Whether the second half of `width` was read from the end. */
  bidirectional: boolean;
}

const weight = (lengths: Int32Array, lanes: number, batch: number): Tensor =>
  tf.tensor3d(
    Float32Array.from(lengths, (length) => 1 / Math.max(1, length)),
    [lanes, batch, 1],
  );

/** Rows of the outputs, one for each sequence, at `stepAt` its length: [lane, batch, width]. */
function rowsAt(outputs: Tensor, lengths: Int32Array, stepAt: (length: number) => number): Tensor {
  const [lanes, steps, batch, width] = outputs.shape as [number, number, number, number];
  const ids = Int32Array.from(lengths, (length, index) => stepAt(length) * batch + (index % batch));
  return lookup(tf.reshape(outputs, [lanes, steps * batch, width]), tf.tensor2d(ids, [lanes, batch], 'int32'));
}

/** The output that was read last: at the last step, and for the reverse direction at the first; [lane, batch, width]. */
export function lastOutput({ outputs, lengths, bidirectional }: Pooled): Tensor {
  const last = rowsAt(outputs, lengths, (length) => Math.max(0, length - 1));
  if (!bidirectional) return last;
  const [lanes, batch, width] = last.shape as [number, number, number];
  const half = width / 2;
  const first = rowsAt(outputs, lengths, () => 0);
  return tf.concat(
    [tf.slice(last, [0, 0, 0], [lanes, batch, half]), tf.slice(first, [0, 0, half], [lanes, batch, half])],
    2,
  );
}

/** The mean over the steps that count, [lane, batch, width]. */
export function meanOutput({ outputs, lengths }: Pooled): Tensor {
  const [lanes, , batch] = outputs.shape as [number, number, number];
  return tf.mul(tf.sum(outputs, 1), weight(lengths, lanes, batch));
}

/**
 * A learned weighting of the steps that count (Yang et al. 2016, equations 5 to 7): softmax over time of v·tanh(W·h + b),
 * and the weighted sum; [lane, batch, width]. `valid` bool [lane, time, batch]. Parameters: W [lane, width, width], b
 * [lane, 1, width], v [lane, width, 1].
 */
export function attentionOutput(
  { outputs, lengths }: Pooled,
  valid: Tensor | undefined,
  parameters: { weight: Tensor; bias: Tensor; query: Tensor },
): { pooled: Tensor; attention: Tensor } {
  const [lanes, steps, batch, width] = outputs.shape as [number, number, number, number];
  const rows = tf.reshape(outputs, [lanes, steps * batch, width]);
  const keys = linearTanh(rows, parameters.weight, parameters.bias);
  const scores = tf.reshape(tf.matMul(keys, parameters.query), [lanes, steps, batch]);
  const attention = maskedSoftmax(scores, valid, lengths); // [lane, time, batch]
  const weighted = tf.mul(outputs, tf.reshape(attention, [lanes, steps, batch, 1]));
  return { pooled: tf.sum(weighted, 1), attention };
}

/**
 * Softmax over time of scores [lane, time, batch] at the steps that count; 0 at the others, and for a sequence without steps.
 */
export function maskedSoftmax(scores: Tensor, valid: Tensor | undefined, lengths: Int32Array): Tensor {
  const [lanes, , batch] = scores.shape as [number, number, number];
  const least = -1e30;
  const counted = valid ? tf.where(valid, scores, tf.fill(scores.shape, least)) : scores;
  // The shift changes no value, and nothing flows back through it.
  const most = tf.customGrad((...[x]) => ({
    value: tf.max(x as Tensor, 1, true),
    gradFunc: () => tf.zeros((x as Tensor).shape),
  }))(counted);
  const exponentials = tf.exp(tf.sub(counted, most));
  const kept = valid ? tf.where(valid, exponentials, tf.zerosLike(exponentials)) : exponentials;
  // An empty sum is divided by 1.
  const empty = tf.tensor3d(
    Float32Array.from(lengths, (length) => Number(length === 0)),
    [lanes, 1, batch],
  );
  return tf.div(kept, tf.add(tf.sum(kept, 1, true), empty));
}
