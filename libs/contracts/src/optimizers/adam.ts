import { adamOptions, defineOptimizer } from './optimizer';

export const adam = defineOptimizer(
  'adam',
  'Steps by the mean of the gradient over its root mean square (Kingma & Ba 2015).',
  adamOptions(0),
);
