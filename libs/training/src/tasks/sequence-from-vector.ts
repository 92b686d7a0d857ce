import { plainAxis } from '../nn/parameter';
import { tf } from '../tensor/tfjs';
import { bridge, bridgeParameters, openDecoder } from './decoder';
import type { Task } from './task';
import { openWriting } from './writing';

/** One to many: a decoder whose first states are a layer of the vector, as in Vinyals et al. 2015 for images. */
export const sequenceFromVector: Task<'sequence-from-vector', 'sequencesFromVectors'> = {
  kind: 'sequence-from-vector',
  needs: 'sequencesFromVectors',
  parameters: ({ model }, { train, targetVocabulary }) => [
    ...bridgeParameters(model, () => plainAxis(train.inputs.width)),
    ...openDecoder(model, 'none', targetVocabulary!.length).parameters,
  ],
  open({ model, training, task }, data) {
    const { width } = data.train.inputs;
    return openWriting(training, data, {
      task,
      decoder: openDecoder(model, 'none', data.targetVocabulary!.length),
      read(parameters, { inputs, rows, batch }) {
        // Every sequence has one step; the batch's padding is never read.
        const first = tf.slice(inputs, [0, 0, 0, 0], [rows.length, 1, batch, width]);
        const vectors = tf.reshape(first, [rows.length, batch, width]);
        return { states: bridge(model, parameters, () => vectors), memory: undefined };
      },
    });
  },
};
