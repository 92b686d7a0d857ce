import { adamOptions, defineOptimizer } from './optimizer';

export const adamw = defineOptimizer(
  'adamw',
  'Adam with weight decay apart from the gradient (Loshchilov & Hutter 2019).',
  adamOptions(0.01),
);
