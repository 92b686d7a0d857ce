import { updateRules, type ScalarName } from '@unroll/kernels';
import { tf } from '../tensor/tfjs';
import { requireKind, type Optimizer } from './optimizer';

/**
 * Gradient descent with momentum, as torch.optim.SGD (without dampening): v' = μ·v + g, and the step is v', or g + μ·v' with
 * Nesterov's momentum (Sutskever et al. 2013). `gradientWeight` and `velocityWeight` choose between the two for each lane.
 */
export const sgd: Optimizer<ScalarName<'sgd'>> = {
  ...updateRules.sgd,
  scalars(spec, learningRate) {
    const { momentum, nesterov, weightDecay } = requireKind(spec, 'sgd');
    return {
      rate: learningRate,
      momentum,
      gradientWeight: nesterov ? 1 : 0,
      velocityWeight: nesterov ? momentum : 1,
      decay: weightDecay,
    };
  },
  update(parameters, clipped, [velocity], { rate, momentum, gradientWeight, velocityWeight, decay }) {
    const gradient = tf.add(clipped, tf.mul(parameters, decay));
    const next = tf.add(tf.mul(velocity!, momentum), gradient);
    const direction = tf.add(tf.mul(gradient, gradientWeight), tf.mul(next, velocityWeight));
    return { parameters: tf.sub(parameters, tf.mul(direction, rate)), slots: [next] };
  },
};
