import { defineOptimizer, epsilon, weightDecay } from './optimizer';

export const adagrad = defineOptimizer(
  'adagrad',
  'Divides the gradient by the root of the sum of its past squares (Duchi et al. 2011).',
  { epsilon: epsilon(1e-10), weightDecay: weightDecay(0) },
);
