import type { States } from '../nn/parameter';
import { directionSuffixes } from '../nn/recurrent-parameters';
import { tf } from '../tensor/tfjs';
import { bridge, bridgeParameters, countDecoderStates, openDecoder } from './decoder';
import { openEncoder } from './encoder';
import type { Task } from './task';
import { openWriting } from './writing';

/**
 * A sequence from another one (Sutskever et al. 2014; Cho et al. 2014): an encoder whose last states are the first states
 * of a decoder, which may attend to all of the encoder's outputs. For an encoder in two directions a layer makes the first
 * states.
 */
export const sequenceToSequence: Task<'sequence-to-sequence', 'sequences'> = {
  kind: 'sequence-to-sequence',
  needs: 'sequences',
  parameters: ({ model, training, task }, data) => [
    ...openEncoder(model, training, data).parameters,
    ...(model.bidirectional ? bridgeParameters(model, (state) => ({ ...state, blocks: 2 * state.blocks })) : []),
    ...openDecoder(model, task.attention, data.targetVocabulary!.length).parameters,
  ],
  open({ model, training, task }, data) {
    const encoder = openEncoder(model, training, data);
    const decoder = openDecoder(model, task.attention, data.targetVocabulary!.length);
    const count = directionSuffixes(model).length;
    return openWriting(training, data, {
      task,
      decoder,
      read(parameters, batch, positions) {
        const { outputs, states } = encoder.run(parameters, batch, positions);
        const last: States = states.slice(0, countDecoderStates(model));
        const both = (state: number, layer: number) =>
          tf.concat(last[state]!.slice(layer * count, (layer + 1) * count), 2); // [lane, batch, 2·units]
        return {
          states: model.bidirectional ? bridge(model, parameters, both) : last,
          memory: decoder.memory(parameters, outputs, batch.valid),
        };
      },
    });
  },
};
