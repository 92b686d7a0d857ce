import { tf, type Tensor } from '../tensor/tfjs';
import { sumOfRows } from './linear';

/** Added to the variance, as in torch.nn.LayerNorm. */
const epsilon = 1e-5;

/**
 * Each row with mean 0 and variance 1, times a gain and plus a shift: Ba, Kiros & Hinton 2016, equation 4; torch.nn.LayerNorm.
 * x [lane, rows, n], gain and shift [lane, 1, n] → [lane, rows, n]. The gradient is in closed form, in fewer operations than
 * what would be recorded.
 */
export function layerNorm(x: Tensor, gain: Tensor, shift?: Tensor): Tensor {
  const normalised = tf.customGrad((...[given, scale, save]) => {
    const width = (given as Tensor).shape[2]!;
    const mean = (values: Tensor): Tensor => tf.mul(tf.sum(values, 2, true), 1 / width); // [lane, rows, 1]
    const centred = tf.sub(given as Tensor, mean(given as Tensor));
    const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
    const unit = tf.mul(centred, inverse);
    (save as (tensors: Tensor[]) => void)([unit, inverse, scale as Tensor]);
    return {
      value: tf.mul(unit, scale as Tensor),
      gradFunc: (dy: Tensor, [row, deviation, factor]: Tensor[]) => {
        const ofUnit = tf.mul(dy, factor!);
        const along = tf.mul(row!, mean(tf.mul(ofUnit, row!)));
        const ofX = tf.mul(tf.sub(tf.sub(ofUnit, mean(ofUnit)), along), deviation!);
        return [ofX, sumOfRows(tf.mul(dy, row!))];
      },
    };
  })(x, gain);
  return shift ? tf.add(normalised, shift) : normalised;
}
