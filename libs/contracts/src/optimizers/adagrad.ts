import { defineOptimizer, epsilon, weightDecay } from './optimizer';

export const adagrad = defineOptimizer(
  'adagrad',
  'The gradient over the root of the sum of all its squares so far (Duchi et al. 2011).',
  { epsilon: epsilon(1e-10), weightDecay: weightDecay(0) },
);
