import type { ModelSpec } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import { crossEntropy } from '../losses/cross-entropy';
import type { Observer } from '../nn/observer';
import { lastOutput } from '../nn/pooling';
import { stepMask } from '../batches/example-batches';
import { symbolLogits } from './head';
import { inspectedLayers, inspectedSequences, inspectedSteps } from './inspected';
import type { Streams, Window } from '../batches/streams';
import type { Inspection } from './task';
import type { Named } from '../nn/parameter';

/** Runs the layers over ids int32 [lane, time, batch] from zeros: their outputs, [lane, time, batch, units]. */
type Run = (parameters: Named, ids: Tensor, valid: Tensor | undefined, observer: Observer) => Tensor;

/** An inspection of the first steps of a few streams, as many as a window has, each predicting the token after its last. */
export function inspectStreams(
  model: ModelSpec,
  held: Streams,
  window: Window,
  vocabulary: readonly string[],
  run: Run,
): Inspection {
  const batch = held.lengths.slice(0, inspectedSequences).filter((length) => length > 0).length;
  const steps = Math.min(window.context + window.scored, held.steps, inspectedSteps);
  const lengths = Int32Array.from(held.lengths.slice(0, batch), (length) => Math.min(length, steps));
  const tokens = Array.from(lengths, (length, row) => Uint16Array.from(held.read(row, 0, length + 1)));
  return {
    ...inspectedLayers(model),
    ...{ lengths, steps },
    symbols: (row) => Array.from(tokens[row]!.subarray(0, lengths[row]), (token) => vocabulary[token]!),
    loss(parameters, lanes, observer) {
      const ids = Int32Array.from({ length: lanes * steps * batch }, (_, at) => {
        const [step, row] = [Math.floor(at / batch) % steps, at % batch];
        return step < lengths[row]! ? tokens[row]![step]! : 0;
      });
      const all = Int32Array.from({ length: lanes * batch }, (_, at) => lengths[at % batch]!);
      const valid = stepMask(all, { lanes, steps, batch });
      const outputs = run(parameters, tf.tensor3d(ids, [lanes, steps, batch], 'int32'), valid, observer);
      const last = lastOutput({ outputs, lengths: all, bidirectional: false }); // [lane, batch, units]
      const logits = symbolLogits(model, parameters, last, 'embedding.weight');
      const next = Int32Array.from(all, (length, at) => tokens[at % batch]![length]!);
      return crossEntropy(logits, {
        classes: tf.tensor2d(next, [lanes, batch], 'int32'),
        weight: tf.ones([lanes, 1]),
      });
    },
  };
}
