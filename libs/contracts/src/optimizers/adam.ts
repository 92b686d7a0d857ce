import { adamOptions, defineOptimizer } from './optimizer';

export const adam = defineOptimizer(
  'adam',
  'Divides the moving average of the gradient by its root mean square (Kingma & Ba 2015).',
  adamOptions(0),
);
