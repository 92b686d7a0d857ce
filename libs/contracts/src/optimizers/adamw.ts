import { adamOptions, defineOptimizer } from './optimizer';

export const adamw = defineOptimizer(
  'adamw',
  'Adam with decoupled weight decay (Loshchilov & Hutter 2019).',
  adamOptions(0.01),
);
