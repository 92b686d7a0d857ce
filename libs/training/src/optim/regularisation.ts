import { stream } from '@unroll/random';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Layout } from '../nn/layout';
import { place, logicalShape, type Parameter } from '../nn/parameter';

/** What is done to a lane's gradient before it is clipped to its norm. */
export interface Regularisation {
  l1: number;
  l2: number;
  /** Standard deviation of the noise at the first update. */
  gradientNoise: number;
  /** Largest size of each value; null for none. */
  clipValue: number | null;
}

interface Regularised extends Regularisation {
  parameters: readonly Parameter[];
  seed: number;
  update: number;
}

/**
 * The gradient [lane, length] with λ₁·sign(w) and λ₂·w added, then noise; in this order. A lane that asks for none of them keeps its
 * values.
 */
export function regularised(gradient: Tensor, weights: Tensor, lanes: readonly Regularised[], layout: Layout): Tensor {
  const column = (value: (lane: Regularised) => number): Tensor => tf.tensor2d(lanes.map((lane) => [value(lane)]));
  let result = gradient;
  if (lanes.some(({ l1 }) => l1 > 0))
    result = tf.add(
      result,
      tf.mul(
        tf.sign(weights),
        column((lane) => lane.l1),
      ),
    );
  if (lanes.some(({ l2 }) => l2 > 0))
    result = tf.add(
      result,
      tf.mul(
        weights,
        column((lane) => lane.l2),
      ),
    );
  if (lanes.some(({ gradientNoise }) => gradientNoise > 0)) result = tf.add(result, noise(lanes, layout));
  return result;
}

/** The gradient [lane, length] with each value of a lane clipped to its `clipValue`; the gradient itself where no lane has one. */
export function clippedValues(gradient: Tensor, lanes: readonly Pick<Regularisation, 'clipValue'>[]): Tensor {
  if (lanes.every(({ clipValue }) => clipValue === null)) return gradient;
  const limits = tf.tensor2d(lanes.map(({ clipValue }) => [clipValue ?? 3.4028234663852886e38]));
  const zeros = tf.zerosLike(gradient);
  // The comparisons keep NaN, which minimum and maximum need not do.
  const below = tf.where(tf.greater(gradient, limits), tf.add(zeros, limits), gradient);
  return tf.where(tf.less(below, tf.neg(limits)), tf.sub(zeros, limits), below);
}

/**
 * Normal noise whose variance falls as η / (1 + t)^0.55 (Neelakantan et al. 2015, equation 1, with η the square of `gradientNoise`),
 * drawn for logical weights alone from the lane's stream `noise`; [lane, length].
 */
function noise(lanes: readonly Regularised[], { offsets, length }: Layout): Tensor {
  const values = new Float32Array(lanes.length * length);
  lanes.forEach(({ gradientNoise, seed, update, parameters }, lane) => {
    if (gradientNoise === 0) return;
    const deviation = gradientNoise * (1 + update) ** -0.275;
    const total = parameters.reduce((sum, each) => sum + (each.buffer ? 0 : parameterSize(each)), 0);
    const drawn = stream(seed, 'noise').fillNormal(update, total);
    let begin = 0;
    parameters.forEach((parameter, index) => {
      if (parameter.buffer) return;
      const own = drawn.subarray(begin, begin + parameterSize(parameter)).map((value) => value * deviation);
      place(parameter, own, values, lane * length + offsets[index]!);
      begin += own.length;
    });
  });
  return tf.tensor2d(values, [lanes.length, length]);
}

const parameterSize = (parameter: Parameter): number =>
  logicalShape(parameter).reduce((product, size) => product * size, 1);
