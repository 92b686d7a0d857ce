import type { TrialSpec } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { tf } from '../tensor/tfjs';
import { plainAxis } from '../nn/parameter';
import { bridged, bridgeParameters, openDecoder } from './decoder';
import { examplesOf } from './encoder';
import { openWriting } from './writing';
import type { Task } from './task';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'sequence-from-vector') throw new Error(`${task.kind} is no sequence-from-vector`);
  return task;
};

function widthOf({ train: { inputs } }: ExampleData): number {
  if (inputs.kind !== 'vectors') throw new Error('sequence-from-vector needs a vector for each sequence');
  return inputs.width;
}

/** One to many: a decoder whose first states are a layer of the vector, as in Vinyals et al. 2015 for snapshots. */
export const sequenceFromVector: Task = {
  kind: 'sequence-from-vector',
  parameters({ model, task }, data) {
    const examples = examplesOf(data, task.kind);
    return [
      ...bridgeParameters(model, plainAxis(widthOf(examples))),
      ...openDecoder(model, 'none', examples.targetVocabulary!.length).parameters,
    ];
  },
  open(spec, data) {
    const task = optionsOf(spec);
    const examples = examplesOf(data, task.kind);
    const width = widthOf(examples);
    return openWriting(spec, examples, {
      task,
      decoder: openDecoder(spec.model, 'none', examples.targetVocabulary!.length),
      read(parameters, { inputs, rows, batch }) {
        // Every sequence has one step; what pads the batch's is never looked at.
        const vectors = tf.reshape(tf.slice(inputs, [0, 0, 0, 0], [rows.length, 1, batch, width]), [
          rows.length,
          batch,
          width,
        ]);
        return { states: bridged(spec.model, parameters, () => vectors), memory: undefined };
      },
    });
  },
};
