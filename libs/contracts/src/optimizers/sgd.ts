import { z } from 'zod';
import { defineOptimizer, momentum, weightDecay } from './optimizer';

export const sgd = defineOptimizer('sgd', 'Stochastic gradient descent, with momentum where it is given.', {
  momentum,
  nesterov: z.boolean().default(false).describe('Look ahead by the momentum (Nesterov 1983).'),
  weightDecay: weightDecay(0),
});
