import { tf, type Tensor } from '../tensor/tfjs';
import { sumOfRows } from './linear';

/** Added to the variance, as in torch.nn.LayerNorm. */
const epsilon = 1e-5;

const mean = (values: Tensor): Tensor => tf.mul(tf.sum(values, -1, true), 1 / values.shape.at(-1)!);

/** Rows with mean 0 and variance 1, and 1/√(variance + ε) of what they were: x [..., n] → [..., n] and [..., 1]. */
export function standardised(x: Tensor): { unit: Tensor; inverse: Tensor } {
  const centred = tf.sub(x, mean(x));
  const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
  return { unit: tf.mul(centred, inverse), inverse };
}

/** The gradient of x from that of `standardised(x).unit`, in closed form. */
export const throughStandardised = (ofUnit: Tensor, unit: Tensor, inverse: Tensor): Tensor =>
  tf.mul(tf.sub(tf.sub(ofUnit, mean(ofUnit)), tf.mul(unit, mean(tf.mul(ofUnit, unit)))), inverse);

/**
 * Each row with mean 0 and variance 1, times a gain and plus a shift: Ba, Kiros & Hinton 2016, equation 4; torch.nn.LayerNorm.
 * x [lane, rows, n], gain and shift [lane, 1, n] → [lane, rows, n]. The gradient is in closed form, in fewer operations than
 * what would be recorded.
 */
export function layerNorm(x: Tensor, gain: Tensor, shift?: Tensor): Tensor {
  const normalised = tf.customGrad((...[given, scale, save]) => {
    const { unit, inverse } = standardised(given as Tensor);
    (save as (tensors: Tensor[]) => void)([unit, inverse, scale as Tensor]);
    return {
      value: tf.mul(unit, scale as Tensor),
      gradFunc: (dy: Tensor, [row, deviation, factor]: Tensor[]) => [
        throughStandardised(tf.mul(dy, factor!), row!, deviation!),
        sumOfRows(tf.mul(dy, row!)),
      ],
    };
  })(x, gain);
  return shift ? tf.add(normalised, shift) : normalised;
}
