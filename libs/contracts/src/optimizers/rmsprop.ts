import { defineOptimizer, epsilon, momentum, secondMoment, weightDecay } from './optimizer';

export const rmsprop = defineOptimizer(
  'rmsprop',
  'Divides the gradient by its root mean square (Tieleman & Hinton 2012).',
  {
    alpha: secondMoment('alpha'),
    momentum,
    epsilon: epsilon(1e-8),
    weightDecay: weightDecay(0),
  },
);
