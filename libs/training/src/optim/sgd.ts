import { tf } from '../tensor/tfjs';
import { requireKind, type Optimizer } from './optimizer';

/**
 * Gradient descent with momentum, as torch.optim.SGD (without dampening): v' = μ·v + g, and the step is v', or g + μ·v' with
 * Nesterov's look ahead (Sutskever et al. 2013). `ofGradient` and `ofVelocity` choose between the two for each lane.
 */
export const sgd: Optimizer<'rate' | 'momentum' | 'ofGradient' | 'ofVelocity' | 'decay'> = {
  kind: 'sgd',
  slots: 1,
  scalars(spec, learningRate) {
    const { momentum, nesterov, weightDecay } = requireKind(spec, 'sgd');
    return {
      rate: learningRate,
      momentum,
      ofGradient: nesterov ? 1 : 0,
      ofVelocity: nesterov ? momentum : 1,
      decay: weightDecay,
    };
  },
  update(parameters, given, [velocity], { rate, momentum, ofGradient, ofVelocity, decay }) {
    const gradient = tf.add(given, tf.mul(parameters, decay));
    const next = tf.add(tf.mul(velocity!, momentum), gradient);
    const direction = tf.add(tf.mul(gradient, ofGradient), tf.mul(next, ofVelocity));
    return { parameters: tf.sub(parameters, tf.mul(direction, rate)), slots: [next] };
  },
};
