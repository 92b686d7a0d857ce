import { differentiable } from '../tensor/differentiable';
import { hasKernel } from '../tensor/kernels';
import { layerNormGradientKernel, layerNormKernel } from '../tensor/layer-kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
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
 * x [lane, rows, n], gain and shift [lane, 1, n] → [lane, rows, n].
 */
export function layerNorm(x: Tensor, gain: Tensor, shift?: Tensor): Tensor {
  return hasKernel(layerNormKernel) ? fused(x, gain, shift)[0]! : composite(x, gain, shift);
}

/**
 * The same, and x itself for what goes past it, such as the addition of a residual layer: where an engine has a kernel, both
 * gradients of x are added up there.
 */
export function layerNormBeside(x: Tensor, gain: Tensor, shift: Tensor): [normalised: Tensor, x: Tensor] {
  return hasKernel(layerNormKernel)
    ? (fused(x, gain, shift, true) as [Tensor, Tensor])
    : [composite(x, gain, shift), x];
}

/** By the engine's own kernel; `beside`: x itself is the second result. */
function fused(x: Tensor, gain: Tensor, shift?: Tensor, beside = false): Tensor[] {
  const inputs = { x, gain, ...(shift ? { shift } : {}) };
  return differentiable({
    inputs,
    forward(save) {
      const [out, moments] = runKernel(layerNormKernel, inputs) as [Tensor, Tensor];
      save([x, gain, moments]);
      return beside ? [out, tf.clone(x)] : [out];
    },
    backward([gradient, added], [row, scale, moments]) {
      const given = { x: row!, gain: scale!, moments: moments!, gradient: gradient!, ...(added ? { added } : {}) };
      const [ofX, ofGain, ofShift] = runKernel(layerNormGradientKernel, given);
      return { x: () => ofX!, gain: () => ofGain!, ...(shift ? { shift: () => ofShift! } : {}) };
    },
  });
}

/** As plain operations. The gradient is in closed form, in fewer operations than what would be recorded. */
function composite(x: Tensor, gain: Tensor, shift?: Tensor): Tensor {
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
