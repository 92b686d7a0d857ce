import { tf, type Tensor } from './tfjs';

/** x, through which no gradient flows back. */
export const detach = (x: Tensor): Tensor =>
  tf.customGrad((...[given]) => ({
    value: tf.clone(given as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(x);
