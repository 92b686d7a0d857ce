import { defineOptimizer, epsilon, momentum, secondMoment, weightDecay } from './optimizer';

export const rmsprop = defineOptimizer('rmsprop', 'The gradient over its root mean square (Tieleman & Hinton 2012).', {
  alpha: secondMoment('alpha'),
  momentum,
  epsilon: epsilon(1e-8),
  weightDecay: weightDecay(0),
});
