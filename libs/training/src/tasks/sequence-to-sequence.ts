import type { TrialSpec } from '@unroll/contracts';
import { tf } from '../tensor/tfjs';
import { outputAxis } from '../nn/body';
import { directionsOf } from '../nn/recurrent-parameters';
import { bridged, bridgeParameters, openDecoder, statesOfDecoder } from './decoder';
import { examplesOf, openEncoder } from './encoder';
import { openWriting } from './writing';
import type { States } from '../nn/parameter';
import type { Task } from './task';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'sequence-to-sequence') throw new Error(`${task.kind} is no sequence-to-sequence`);
  return task;
};

/**
 * A sequence from another one (Sutskever et al. 2014; Cho et al. 2014): an encoder, whose last states begin a decoder that may look at all of the
 * encoder's outputs. Of an encoder in two directions a layer makes the first states.
 */
export const sequenceToSequence: Task = {
  kind: 'sequence-to-sequence',
  parameters(spec, data) {
    const { model, training } = spec;
    const examples = examplesOf(data, spec.task.kind);
    return [
      ...openEncoder(model, training, examples).parameters,
      ...(model.bidirectional ? bridgeParameters(model, outputAxis(model)) : []),
      ...openDecoder(model, optionsOf(spec).attention, examples.targetVocabulary!.length).parameters,
    ];
  },
  open(spec, data) {
    const { model, training } = spec;
    const task = optionsOf(spec);
    const examples = examplesOf(data, task.kind);
    const encoder = openEncoder(model, training, examples);
    const decoder = openDecoder(model, task.attention, examples.targetVocabulary!.length);
    const count = directionsOf(model).length;
    return openWriting(spec, examples, {
      task,
      decoder,
      read(parameters, batch, positions) {
        const { outputs, states } = encoder.run(parameters, batch, positions);
        const last: States = states.slice(0, statesOfDecoder(model));
        const both = (state: number, layer: number) =>
          tf.concat(last[state]!.slice(layer * count, (layer + 1) * count), 2); // [lane, batch, 2·units]
        return {
          states: model.bidirectional ? bridged(model, parameters, both) : last,
          memory: decoder.memory(parameters, outputs, batch.valid),
        };
      },
    });
  },
};
