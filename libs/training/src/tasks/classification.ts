import type { PaddedBatch } from '../batches/example-batches';
import { classAnswer, oneByOne } from './answers';
import { countClasses, openClasses } from './classes';
import { openEncoder } from './encoder';
import { pooledHead, pooledHeadParameters } from './head';
import type { Task } from './task';
import type { ExamplesWith } from './task-data';

/** The class of each row, [lane, batch], −1 for a row without a sequence. */
function rowClasses({ classes }: ExamplesWith<'classes'>['targets'], { rows, batch }: PaddedBatch): Int32Array {
  const right = new Int32Array(rows.length * batch).fill(-1);
  rows.forEach((examples, lane) => examples.forEach((example, row) => (right[lane * batch + row] = classes[example]!)));
  return right;
}

/** A class for a sequence: cross-entropy in nats, of what is read from the last output, the mean, or a weighting of all. */
export const classification: Task<'classification', 'classes'> = {
  kind: 'classification',
  needs: 'classes',
  head: { over: 'sequence', gives: 'class' },
  answers: ({ task: { pooling } }, { targetVocabulary = [] }) =>
    pooling === 'attention' ? undefined : oneByOne(pooling, (row) => classAnswer(targetVocabulary, row)),
  parameters: ({ model, training, task }, data) => [
    ...openEncoder(model, training, data).parameters,
    ...pooledHeadParameters(model, task.pooling, countClasses(data)),
  ],
  open: (spec, data) =>
    openClasses(spec, data, {
      logits: (parameters, body, batch, observer) =>
        pooledHead(spec.model, spec.task.pooling, parameters, body, batch, observer),
      right: rowClasses,
      answer: classAnswer,
      pooling: spec.task.pooling,
    }),
};
