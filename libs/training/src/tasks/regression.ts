import { rowNumbers } from './answers';
import { elementLoss, numbersAnswers, numbersParameters, numbersTally, openNumbers, type NumbersSpec } from './numbers';
import type { Task, TrialOf } from './task';

const toNumbers = ({ model, training, task }: TrialOf<'regression'>): NumbersSpec => ({
  ...{ model, training },
  outputs: { perTarget: 1, loss: elementLoss(task.loss, task.huberDelta) },
  pooling: task.pooling,
  autoregression: () => ({ steps: 0, columns: [] }),
  answer:
    ({ targetScaling }, values) =>
    (row) => ({ value: rowNumbers(1, targetScaling, { values, row })[0]! }),
  tally: (examples, _, count) => numbersTally(examples, count),
  readsOutputs: false,
});

/** A number for a sequence, learned in units of the training part's standard deviation. */
export const regression: Task<'regression', 'numbers'> = {
  kind: 'regression',
  needs: 'numbers',
  head: { over: 'sequence', gives: 'numbers' },
  answers: (spec, data) => numbersAnswers(toNumbers(spec), data),
  parameters: (spec, data) => numbersParameters(toNumbers(spec), data),
  open: (spec, data) => openNumbers(toNumbers(spec), data),
};
