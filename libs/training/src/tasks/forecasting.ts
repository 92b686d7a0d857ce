import { numbersParameters, openNumbers, type NumbersSpec } from './numbers';
import type { Task, TrialOf } from './task';

const toNumbers = ({ model, training, task }: TrialOf<'forecasting'>): NumbersSpec => ({
  ...{ model, training, task },
  pooling: 'last',
  toAnswer: (values) => ({ values }),
});

/** The next values of a series, all at once from the last output over the rows that are read. */
export const forecasting: Task<'forecasting', 'numbers'> = {
  kind: 'forecasting',
  needs: 'numbers',
  head: { over: 'sequence', gives: 'numbers' },
  parameters: (spec, data) => numbersParameters(toNumbers(spec), data),
  open: (spec, data) => openNumbers(toNumbers(spec), data),
};
