import type { TrialSpec } from '@unroll/contracts';
import { numbersParameters, openNumbers, type NumbersSpec } from './numbers';
import type { Task } from './task';

function specOf({ model, training, task }: TrialSpec): NumbersSpec {
  if (task.kind !== 'regression') throw new Error(`${task.kind} is no regression`);
  return { model, training, task, pooling: task.pooling };
}

/** A number for a sequence, learned in units of the training part's standard deviation. */
export const regression: Task = {
  kind: 'regression',
  parameters: (spec, data) => numbersParameters(specOf(spec), data),
  open: (spec, data) => openNumbers(specOf(spec), data),
};
