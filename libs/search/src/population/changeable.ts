/**
 * What may change while a network trains: numbers that each lane reads anew at each update, and that neither its weights nor its data depend on.
 * Schedules are not among them: they say what the rate is at an update, those of the past too.
 */
const changeable: ReadonlySet<string> = new Set([
  ...['learningRate', 'clipNorm', 'clipValue', 'l1', 'l2', 'gradientNoise', 'labelSmoothing', 'teacherForcing'].map(
    (key) => `training.${key}`,
  ),
  ...['beta1', 'beta2', 'epsilon', 'weightDecay', 'alpha', 'momentum'].map((key) => `training.optimizer.${key}`),
  ...['tokenDropout', 'jitter', 'timeMasking'].map((key) => `training.augmentation.${key}`),
  'training.adaptation.weight',
  'model.dropout',
  'model.recurrentDropout',
]);

/** Whether a value may change while a network trains, by its path. */
export const isChangeable = (path: string): boolean => changeable.has(path);
