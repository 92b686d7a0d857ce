import { tf, type Tensor } from '../engines/tfjs';

/** An error of each value, elementwise; all of one shape. */
export type ElementLoss = (prediction: Tensor, target: Tensor) => Tensor;

export const squaredError: ElementLoss = (prediction, target) => tf.squaredDifference(prediction, target);

export const absoluteError: ElementLoss = (prediction, target) => tf.abs(tf.sub(prediction, target));

/** Huber 1964, as torch.nn.HuberLoss: half the squared error up to `delta`, beyond it delta·(|error| − delta/2). */
export const huber =
  (delta: number): ElementLoss =>
  (prediction, target) => {
    const size = absoluteError(prediction, target);
    const near = tf.mul(tf.square(size), 0.5);
    const far = tf.mul(tf.sub(size, delta / 2), delta);
    return tf.where(tf.lessEqual(size, delta), near, far);
  };

/**
 * Binary cross-entropy with logits in nats, elementwise, as torch.nn.BCEWithLogitsLoss without reduction:
 * max(x, 0) − x·t + log(1 + e^−|x|), which overflows nowhere.
 */
export const binaryCrossEntropy: ElementLoss = (logits, target) =>
  tf.add(tf.sub(tf.relu(logits), tf.mul(logits, target)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));

/**
 * Each lane's sum over the rows that count, each the mean or sum over its own numbers, times the lane's weight: errors [lane, rows, width],
 * valid bool [lane, rows], weight [lane, 1] → [lane]. What does not count is selected away, a NaN too.
 */
export function summed(errors: Tensor, valid: Tensor | undefined, weight: Tensor, over: 'mean' | 'sum'): Tensor {
  const lanes = errors.shape[0];
  const rows: Tensor = over === 'mean' ? tf.mean(errors, 2) : tf.sum(errors, 2); // [lane, rows]
  const counted = valid ? tf.where(valid, rows, tf.zerosLike(rows)) : rows;
  return tf.mul(tf.sum(counted, 1), tf.reshape(weight, [lanes]));
}
