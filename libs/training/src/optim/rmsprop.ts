import { updateRules, type ScalarName } from '@unroll/kernels';
import { tf } from '../tensor/tfjs';
import { requireKind, type Optimizer } from './optimizer';

/** RMSprop (Tieleman & Hinton 2012, lecture 6.5) with momentum, as torch.optim.RMSprop, not centered: denominator √s + ε. */
export const rmsprop: Optimizer<ScalarName<'rmsprop'>> = {
  ...updateRules.rmsprop,
  scalars(spec, learningRate) {
    const { alpha, momentum, epsilon, weightDecay } = requireKind(spec, 'rmsprop');
    return { rate: learningRate, alpha, rest: 1 - alpha, momentum, epsilon, decay: weightDecay };
  },
  update(parameters, clipped, [square, velocity], { rate, alpha, rest, momentum, epsilon, decay }) {
    const gradient = tf.add(clipped, tf.mul(parameters, decay));
    const nextSquare = tf.add(tf.mul(square!, alpha), tf.mul(tf.square(gradient), rest));
    const scaled = tf.div(gradient, tf.add(tf.sqrt(nextSquare), epsilon));
    const nextVelocity = tf.add(tf.mul(velocity!, momentum), scaled);
    return { parameters: tf.sub(parameters, tf.mul(nextVelocity, rate)), slots: [nextSquare, nextVelocity] };
  },
};
