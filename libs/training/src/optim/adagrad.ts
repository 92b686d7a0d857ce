import { updateRules, type ScalarName } from '@unroll/kernels';
import { tf } from '../tensor/tfjs';
import { requireKind, type Optimizer } from './optimizer';

/** Adagrad (Duchi et al. 2011), as torch.optim.Adagrad without learning rate decay: denominator √s + ε. */
export const adagrad: Optimizer<ScalarName<'adagrad'>> = {
  ...updateRules.adagrad,
  scalars(spec, learningRate) {
    const { epsilon, weightDecay } = requireKind(spec, 'adagrad');
    return { rate: learningRate, epsilon, decay: weightDecay };
  },
  update(parameters, clipped, [sum], { rate, epsilon, decay }) {
    const gradient = tf.add(clipped, tf.mul(parameters, decay));
    const next = tf.add(sum!, tf.square(gradient));
    const change = tf.mul(tf.div(gradient, tf.add(tf.sqrt(next), epsilon)), rate);
    return { parameters: tf.sub(parameters, change), slots: [next] };
  },
};
