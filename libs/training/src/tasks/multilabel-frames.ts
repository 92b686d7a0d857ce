import type { Examples, Sequences } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import { binaryCrossEntropy, lossOfLanes } from '../losses/regression';
import { answering, frameAnswer } from './answers';
import { examplesOf, openEncoder } from './encoder';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { alignedHead, headParameters } from './head';
import { inspectExamples, lastSteps } from './inspected';
import { heldPart } from '../batches/lane-position';
import type { OpenTask, Task } from './task';

const framesOf = ({ targets }: Examples): Extract<Sequences, { kind: 'vectors' }> => {
  if (targets.kind !== 'vectors') throw new Error('multilabel-frames needs a frame of labels for each step');
  return targets;
};

/** The frames to foretell, [lane, time · batch, width], and each lane's number of them. */
function targetsOf(
  { offsets, width, values }: ReturnType<typeof framesOf>,
  { rows, steps, batch, lengths }: PaddedBatch,
) {
  const lanes = rows.length;
  const target = new Float32Array(lanes * steps * batch * width);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      for (let at = offsets[example]!, step = 0; at < offsets[example + 1]!; at++, step++)
        target.set(values.subarray(at * width, (at + 1) * width), ((lane * steps + step) * batch + row) * width);
    }),
  );
  const counts = rows.map((_, lane) =>
    lengths.subarray(lane * batch, (lane + 1) * batch).reduce((sum, length) => sum + length, 0),
  );
  return { target: tf.tensor3d(target, [lanes, steps * batch, width]), counts };
}

const weights = (values: readonly number[]): Tensor => tf.tensor2d(values.map((value) => [value]));

const flatMask = ({ valid, rows, steps, batch }: PaddedBatch): Tensor | undefined =>
  valid && tf.reshape(valid, [rows.length, steps * batch]);

/**
 * The next frame of several labels at once: binary cross-entropy of each label, summed over a frame's labels, the mean over all frames; the
 * negative log-likelihood a frame of Boulanger-Lewandowski et al. 2012, in nats.
 */
export const multilabelFrames: Task = {
  kind: 'multilabel-frames',
  parameters({ model, training }, data) {
    const examples = examplesOf(data, 'multilabel-frames');
    const { width } = framesOf(examples.train);
    return [...openEncoder(model, training, examples).parameters, ...headParameters(model, width)];
  },
  open({ model, training }, data): OpenTask<PaddedBatch> {
    const examples = examplesOf(data, 'multilabel-frames');
    const encoder = openEncoder(model, training, examples);
    const batches = trainingBatches(examples.train, training.batchSize, undefined);
    return {
      ...fromExamples(batches, examples),
      loss(parameters, batch, _states, positions) {
        const body = encoder.run(parameters, batch, positions);
        const logits = alignedHead(parameters, body);
        const { target, counts } = targetsOf(framesOf(examples.train), batch);
        const weight = weights(counts.map((count) => 1 / count));
        const targets = { target, valid: flatMask(batch), weight };
        const loss = lossOfLanes(binaryCrossEntropy, logits, targets, 'sum');
        return { loss, states: [], measured: body.measured };
      },
      answering: answering(
        examples,
        training.batchSize,
        (parameters, batch) => tf.sigmoid(alignedHead(parameters, encoder.run(parameters, batch))),
        (row) => frameAnswer(examples.targetVocabulary ?? [], row),
      ),
      evaluation(part, lanes) {
        const held = heldPart(examples, part);
        const reading = measuringBatches(held, training.batchSize);
        const sums = new Float64Array(lanes);
        return {
          batches: reading.count,
          zeroStates: () => [],
          measure(parameters, index) {
            const batch = reading.batch(index, lanes);
            const { target } = targetsOf(framesOf(held), batch);
            const logits = alignedHead(parameters, encoder.run(parameters, batch));
            const targets = { target, valid: flatMask(batch), weight: weights(Array<number>(lanes).fill(1)) };
            const sums = lossOfLanes(binaryCrossEntropy, logits, targets, 'sum');
            return { values: tf.reshape(sums, [lanes, 1]), states: [] };
          },
          add: (values) => values.forEach((value, lane) => (sums[lane]! += value)),
          metrics(lane) {
            const nats = sums[lane]! / held.inputs.offsets[held.count]!;
            return { loss: nats, negativeLogLikelihood: nats };
          },
        };
      },
      inspection: () =>
        inspectExamples(model, examples, (parameters, batch, held, observer) => {
          const { rows, steps } = batch;
          const { target } = targetsOf(framesOf(held), batch);
          const logits = alignedHead(parameters, encoder.run(parameters, batch, undefined, observer));
          const valid = tf.tensor2d(lastSteps(batch), [rows.length, steps * batch.batch], 'bool');
          const targets = { target, valid, weight: weights(rows.map(() => 1)) };
          return lossOfLanes(binaryCrossEntropy, logits, targets, 'sum');
        }),
    };
  },
};
