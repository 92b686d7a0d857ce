import { z } from 'zod';
import { defineOptimizer, momentum, weightDecay } from './optimizer';

export const sgd = defineOptimizer('sgd', 'Stochastic gradient descent, optionally with momentum.', {
  momentum,
  nesterov: z.boolean().default(false).describe('Use Nesterov momentum (Nesterov 1983).'),
  weightDecay: weightDecay(0),
});
