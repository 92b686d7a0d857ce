import { tf, type Tensor } from './tfjs';

/** A mask bool [lane, ...] for a tensor of `shape`, which may have more axes at its end: bool of `shape`. */
export function broadcastMask(valid: Tensor, shape: readonly number[]): Tensor {
  if (valid.rank === shape.length) return valid;
  const more = shape.slice(valid.rank);
  const tall = tf.reshape(tf.cast(valid, 'int32'), [...valid.shape, ...more.map(() => 1)]);
  return tf.cast(tf.tile(tall, [...valid.shape.map(() => 1), ...more]), 'bool');
}

/**
 * x where `mask` holds, else 0; both of one shape; all of x where there is no mask. The gradient is selected too (that of
 * tf.where is multiplied), so that not even a NaN passes elsewhere in either direction.
 */
export function selected(x: Tensor, mask: Tensor | undefined): Tensor {
  if (!mask) return x;
  return tf.customGrad((...[given, save]) => {
    (save as (tensors: Tensor[]) => void)([mask]);
    return { value: where(mask, given as Tensor), gradFunc: (dy: Tensor, [kept]: Tensor[]) => where(kept!, dy) };
  })(x);
}

/** `then` where `mask` holds, else `otherwise`; all of one shape. Gradients are selected as in `selected`. */
export const choice = (mask: Tensor, then: Tensor, otherwise: Tensor): Tensor =>
  tf.customGrad((...[left, right, save]) => {
    (save as (tensors: Tensor[]) => void)([mask]);
    return {
      value: tf.where(mask, left as Tensor, right as Tensor),
      gradFunc: (dy: Tensor, [kept]: Tensor[]) => [where(kept!, dy), tf.where(kept!, tf.zerosLike(dy), dy)],
    };
  })(then, otherwise);

/** x, through which a gradient flows back only where `mask` holds. */
export const gated = (x: Tensor, mask: Tensor): Tensor =>
  tf.customGrad((...[given, save]) => {
    (save as (tensors: Tensor[]) => void)([mask]);
    return { value: tf.clone(given as Tensor), gradFunc: (dy: Tensor, [kept]: Tensor[]) => where(kept!, dy) };
  })(x);

const where = (mask: Tensor, x: Tensor): Tensor => tf.where(mask, x, tf.zerosLike(x));
