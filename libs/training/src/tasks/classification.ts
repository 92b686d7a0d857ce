import type { TrialSpec } from '@unroll/contracts';
import type { Examples } from '@unroll/datasets';
import { classAnswer } from './answers';
import { classCount, openClasses } from './classes';
import { openEncoder, examplesOf } from './encoder';
import type { PaddedBatch } from '../batches/example-batches';
import { pooledHead, pooledHeadParameters } from './head';
import type { Task } from './task';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'classification') throw new Error(`${task.kind} is no classification`);
  return task;
};

/** The class of each row, [lane, batch], −1 for a row without a sequence. */
function rightOf({ targets }: Examples, { rows, batch }: PaddedBatch): Int32Array {
  if (targets.kind !== 'classes') throw new Error('a classification needs a class for each sequence');
  const { classes } = targets;
  const right = new Int32Array(rows.length * batch).fill(-1);
  rows.forEach((examples, lane) => examples.forEach((example, row) => (right[lane * batch + row] = classes[example]!)));
  return right;
}

/** A class for a sequence: cross-entropy in nats over what is read from the last output, the mean, or a weighting of all. */
export const classification: Task = {
  kind: 'classification',
  parameters(spec, data) {
    const examples = examplesOf(data, 'classification');
    const encoder = openEncoder(spec.model, spec.training, examples);
    const { pooling } = optionsOf(spec);
    return [...encoder.parameters, ...pooledHeadParameters(spec.model, pooling, classCount(examples))];
  },
  open(spec, data) {
    const { pooling } = optionsOf(spec);
    return openClasses(spec, examplesOf(data, 'classification'), {
      answer: (parameters, body, batch, observer) => pooledHead(spec.model, pooling, parameters, body, batch, observer),
      right: rightOf,
      says: classAnswer,
      pooling,
    });
  },
};
