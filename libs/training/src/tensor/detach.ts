import { tf, type Tensor } from './tfjs';

/** x without a gradient. */
export const detach = (x: Tensor): Tensor =>
  tf.customGrad((...[given]) => ({
    value: tf.clone(given as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(x);
