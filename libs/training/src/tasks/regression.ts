import { numbersParameters, openNumbers, type NumbersSpec } from './numbers';
import type { Task, TrialOf } from './task';

const toNumbers = ({ model, training, task }: TrialOf<'regression'>): NumbersSpec => ({
  ...{ model, training, task },
  pooling: task.pooling,
  toAnswer: ([value]) => ({ value: value! }),
});

/** A number for a sequence, learned in units of the training part's standard deviation. */
export const regression: Task<'regression', 'numbers'> = {
  kind: 'regression',
  needs: 'numbers',
  head: { over: 'sequence', gives: 'numbers' },
  parameters: (spec, data) => numbersParameters(toNumbers(spec), data),
  open: (spec, data) => openNumbers(toNumbers(spec), data),
};
