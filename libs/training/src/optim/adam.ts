import { updateRules, type ScalarName } from '@unroll/kernels';
import { tf } from '../tensor/tfjs';
import { requireKind, type Optimizer } from './optimizer';

/** Adam (Kingma & Ba 2015) and AdamW (Loshchilov & Hutter 2019), as torch.optim: denominator √v / √(1 − β2ᵗ) + ε. */
const adamLike = (kind: 'adam' | 'adamw'): Optimizer<ScalarName<'adam'>> => ({
  ...updateRules[kind],
  scalars(spec, learningRate, step) {
    const { beta1, beta2, epsilon, weightDecay } = requireKind(spec, 'adam', 'adamw');
    return {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      stepSize: learningRate / (1 - beta1 ** step),
      correction: 1 / Math.sqrt(1 - beta2 ** step),
      epsilon,
      coupled: kind === 'adam' ? weightDecay : 0,
      keep: kind === 'adamw' ? 1 - learningRate * weightDecay : 1,
    };
  },
  update(parameters, clipped, [mean, square], scalars) {
    const { beta1, rest1, beta2, rest2, stepSize, correction, epsilon, coupled, keep } = scalars;
    const decoupled = kind === 'adamw';
    const gradient = decoupled ? clipped : tf.add(clipped, tf.mul(parameters, coupled));
    const start = decoupled ? tf.mul(parameters, keep) : parameters;
    const nextMean = tf.add(tf.mul(mean!, beta1), tf.mul(gradient, rest1));
    const nextSquare = tf.add(tf.mul(square!, beta2), tf.mul(tf.square(gradient), rest2));
    const denominator = tf.add(tf.mul(tf.sqrt(nextSquare), correction), epsilon);
    const change = tf.mul(tf.div(nextMean, denominator), stepSize);
    return { parameters: tf.sub(start, change), slots: [nextMean, nextSquare] };
  },
});

export const adam = adamLike('adam');
export const adamw = adamLike('adamw');
