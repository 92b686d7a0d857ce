import { tf, type Tensor } from '../tensor/tfjs';
import { broadcastMask, selected } from '../tensor/selection';

/** A loss of each element; all of one shape. */
export type ElementLoss = (prediction: Tensor, target: Tensor) => Tensor;

/** What predictions [lane, rows, width] are held against. */
export interface ElementTargets {
  /** The right values, float32 [lane, rows, width]; anything where `valid` is false. */
  target: Tensor;
  /** Which rows count, bool [lane, rows], or which elements, bool [lane, rows, width]; undefined where all do. */
  valid?: Tensor | undefined;
  /** What each row weighs: 1 / the number of valid rows of its lane for a mean; float32 [lane, 1]. */
  weight: Tensor;
  /** The scale of each target, float32 [lane, rows, width]: of a loss that needs it. */
  scale?: Tensor | undefined;
}

/** A loss of each target [lane, rows, width], from the numbers [lane, rows, n · width] that a network gives for it. */
export type OutputLoss = (outputs: Tensor, target: Tensor, scale?: Tensor) => Tensor;

/**
 * Each lane's sum of `loss` over what counts, times the lane's weight, [lane]; over the width of a row the mean or the sum.
 * What does not count is selected away before the loss and after it, so that neither its values nor its gradients come
 * through, not even a NaN, whatever the loss makes of them.
 */
export function lossOfLanes(
  loss: OutputLoss,
  outputs: Tensor,
  { target, valid, weight, scale }: ElementTargets,
  over: 'mean' | 'sum',
): Tensor {
  const mask = valid && broadcastMask(valid, target.shape);
  const several = outputs.shape[2]! / target.shape[2]!;
  const wide = mask && several > 1 ? tf.cast(tf.tile(tf.cast(mask, 'int32'), [1, 1, several]), 'bool') : mask;
  return summed(loss(selected(outputs, wide), selected(target, mask), scale), mask, weight, over);
}

/**
 * Each lane's sum over the rows that count, each the mean or sum over its own elements, times the lane's weight: errors
 * [lane, rows, width], valid bool [lane, rows] or [lane, rows, width], weight [lane, 1] → [lane]. What does not count is selected
 * away, a NaN too; but a gradient of 0 reaches it, which the loss before may still turn into NaN: see `lossOfLanes`.
 */
export function summed(errors: Tensor, valid: Tensor | undefined, weight: Tensor, over: 'mean' | 'sum'): Tensor {
  const [lanes, , width] = errors.shape as [number, number, number];
  const counted = selected(errors, valid && broadcastMask(valid, errors.shape));
  const sums = tf.sum(tf.reshape(counted, [lanes, -1]), 1);
  const each = tf.reshape(weight, [lanes]);
  return tf.mul(sums, over === 'mean' ? tf.div(each, width) : each);
}
