import type { TrialSpec } from '@unroll/contracts';
import { numbersParameters, openNumbers, type NumbersSpec } from './numbers';
import type { Task } from './task';

function specOf({ model, training, task }: TrialSpec): NumbersSpec {
  if (task.kind !== 'forecasting') throw new Error(`${task.kind} is no forecasting`);
  return { model, training, task, pooling: 'last' };
}

/** The next values of a series, all at once from the last output over the rows looked back at. */
export const forecasting: Task = {
  kind: 'forecasting',
  parameters: (spec, data) => numbersParameters(specOf(spec), data),
  open: (spec, data) => openNumbers(specOf(spec), data),
};
