import { layerUnits, type ModelSpec } from '@unroll/contracts';
import { readVectors, symbolNames, type ExampleData, type Examples, type Sequences } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import { getArchitecture } from '../nn/architectures';
import type { Observer } from '../nn/observer';
import { sequenceLengths, wholeBatch, type PaddedBatch } from '../batches/example-batches';
import type { Inspection } from './task';
import type { Named } from '../nn/parameter';

/** Diagnostics inspect few sequences, and of a long one its last steps, so that they cost next to nothing. */
export const inspectedSequences = 8;
export const inspectedSteps = 256;

/** The layers of a model that an observer sees. */
export const inspectedLayers = (model: ModelSpec): Pick<Inspection, 'widths'> => ({
  widths: getArchitecture(model).observable ? layerUnits(model).map(({ width }) => width) : [],
});

/** An inspection of the first examples of the validation part. `loss`: of the last steps, [lane], of a batch of `examples`. */
export function inspectExamples<Held extends Examples>(
  model: ModelSpec,
  {
    validation,
    inputVocabulary,
    inputMerges,
  }: Pick<ExampleData, 'inputVocabulary' | 'inputMerges'> & {
    validation: Held;
  },
  loss: (parameters: Named, batch: PaddedBatch, examples: Held, observer: Observer) => Tensor,
): Inspection {
  const examples = excerpt(validation);
  const { inputs } = examples;
  const names = inputVocabulary && symbolNames(inputVocabulary, inputMerges ? 'subword' : 'word');
  return {
    ...inspectedLayers(model),
    lengths: sequenceLengths(inputs),
    steps: tf.tidy(() => wholeBatch(examples, 1).steps),
    loss: (parameters, lanes, observer) => loss(parameters, wholeBatch(examples, lanes), examples, observer),
    symbols:
      inputs.kind === 'tokens' && names
        ? (sequence) =>
            Array.from(inputs.ids.subarray(inputs.offsets[sequence], inputs.offsets[sequence + 1]), (id) => names[id]!)
        : undefined,
  };
}

/** Whether each place of an answer for every step, [lane, time · batch], is the last step of its sequence. */
export function lastSteps({ lengths, rows, steps, batch }: PaddedBatch): Uint8Array {
  const last = new Uint8Array(rows.length * steps * batch);
  lengths.forEach((length, index) => {
    if (length > 0) last[(Math.floor(index / batch) * steps + length - 1) * batch + (index % batch)] = 1;
  });
  return last;
}

/** The first examples, each cut to its last steps, with the targets of those. */
export function excerpt<Held extends Examples>(examples: Held): Held {
  const { inputs, targets } = examples;
  const count = Math.min(examples.count, inspectedSequences);
  const isAligned = targets.kind === 'tokens' || targets.kind === 'vectors';
  return { ...examples, count, inputs: ends(inputs, count), targets: isAligned ? ends(targets, count) : targets };
}

function ends(sequences: Sequences, count: number): Sequences {
  const { offsets: all } = sequences;
  const offsets = new Int32Array(count + 1);
  const spans = Array.from({ length: count }, (_, index) => {
    const end = all[index + 1]!;
    const begin = Math.max(all[index]!, end - inspectedSteps);
    offsets[index + 1] = offsets[index]! + end - begin;
    return { begin, end };
  });
  if (sequences.kind === 'tokens') {
    const ids = new Uint16Array(offsets[count]!);
    spans.forEach(({ begin, end }, index) => ids.set(sequences.ids.subarray(begin, end), offsets[index]));
    return { kind: 'tokens', offsets, ids };
  }
  const { width } = sequences;
  const values = new Float32Array(offsets[count]! * width);
  spans.forEach(({ begin }, index) =>
    values.set(readVectors(sequences, index, begin - all[index]!), offsets[index]! * width),
  );
  return { kind: 'vectors', offsets, width, values };
}
