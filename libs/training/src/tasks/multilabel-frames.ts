import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { binaryCrossEntropy, lossOfLanes, weightedBinaryCrossEntropy } from '../losses/regression';
import { perLane, type Tally } from '../metrics/tally';
import type { Named } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { answering, byRow, frameAnswer, oneByOne } from './answers';
import { labelWeightsFor, weightsOfLanes } from './class-weights';
import { openEncoder } from './encoder';
import { evaluation } from './evaluation';
import { alignedHead, headParameters } from './head';
import { inspectExamples, lastSteps } from './inspected';
import { continueFrames } from './shown-frames';
import type { OpenTask, Task, TrialOf } from './task';
import type { ExampleDataWith, ExamplesWith } from './task-data';

/** The right frames, [lane, time · batch, width], and each lane's number of them. */
function frameTargets(
  { offsets, width, values }: ExamplesWith<'vectors'>['targets'],
  { rows, steps, batch, lengths }: PaddedBatch,
): { target: Tensor; counts: number[] } {
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

const column = (values: readonly number[]): Tensor => tf.tensor2d(values.map((value) => [value]));

const flatMask = ({ valid, rows, steps, batch }: PaddedBatch): Tensor | undefined =>
  valid && tf.reshape(valid, [rows.length, steps * batch]);

/** How near to 0 and 1 a probability is taken: float32 holds the difference from 1. */
const leastProbability = 1e-7;

/** Probabilities as logits. */
function logitsOf(probabilities: Tensor): Tensor {
  const inside = tf.clipByValue(probabilities, leastProbability, 1 - leastProbability);
  return tf.sub(tf.log(inside), tf.log1p(tf.neg(inside)));
}

/** The mean nats of a frame, from their sum over a batch. */
function framesTally(frames: number): Tally<undefined> {
  let sum = 0;
  return {
    add: (values) => void (sum += values[0]!),
    metrics: () => ({ loss: sum / frames, negativeLogLikelihood: sum / frames }),
  };
}

/**
 * The next frame of several labels at once: binary cross-entropy of each label, summed over a frame's labels, the mean over
 * all frames; the negative log-likelihood a frame of Boulanger-Lewandowski et al. 2012, in nats.
 */
export const multilabelFrames: Task<'multilabel-frames', 'frames'> = {
  kind: 'multilabel-frames',
  needs: 'frames',
  head: { over: 'steps', gives: 'labels' },
  answers: (_, { targetVocabulary = [] }) => oneByOne('steps', (row) => frameAnswer(targetVocabulary, row)),
  parameters: ({ model, training }, data) => [
    ...openEncoder(model, training, data).parameters,
    ...headParameters(model, data.train.targets.width),
  ],
  open: openFrames,
};

function openFrames(
  { model, training }: TrialOf<'multilabel-frames'>,
  examples: ExampleDataWith<'vectors'>,
): OpenTask<PaddedBatch> {
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, undefined);
  const { targetVocabulary: labels = [], train } = examples;
  const weightsOf = weightsOfLanes(training, (given) => labelWeightsFor(given, labels, train.targets.values));
  const run = (parameters: Named, batch: PaddedBatch): Tensor =>
    alignedHead(parameters, encoder.run(parameters, batch));
  const probabilities = (parameters: Named, batch: PaddedBatch): Tensor => tf.sigmoid(run(parameters, batch));
  const measured = (logits: Tensor, batch: PaddedBatch, held: ExamplesWith<'vectors'>) => {
    const { target } = frameTargets(held.targets, batch);
    const targets = { target, valid: flatMask(batch), weight: column(batch.rows.map(() => 1)) };
    const sums = lossOfLanes(binaryCrossEntropy, logits, targets, 'sum');
    return { values: tf.reshape(sums, [batch.rows.length, 1]), kept: undefined };
  };
  return {
    ...fromExamples(batches, examples),
    loss(parameters, batch, _states, positions) {
      const body = encoder.run(parameters, batch, positions);
      const logits = alignedHead(parameters, body);
      const { target, counts } = frameTargets(examples.train.targets, batch);
      const weight = column(counts.map((count) => 1 / count));
      const weights = weightsOf(positions);
      const learned = weights ? weightedBinaryCrossEntropy(weights) : binaryCrossEntropy;
      const loss = lossOfLanes(learned, logits, { target, valid: flatMask(batch), weight }, 'sum');
      return { loss, states: [], buffers: body.buffers };
    },
    answering: answering(
      examples,
      training.batchSize,
      byRow(probabilities, (row) => frameAnswer(examples.targetVocabulary ?? [], row)),
    ),
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure: (parameters, batch, { held }) => measured(run(parameters, batch), batch, held),
      combined: { outputs: probabilities, measure: (mean, batch, held) => measured(logitsOf(mean), batch, held) },
      tallies: (lanes, { held }) => perLane(lanes, () => framesTally(held.inputs.offsets[held.count]!)),
    }),
    exhibit: async (parameters) => ({
      frames: await continueFrames(examples, (batch) => probabilities(parameters, batch)),
    }),
    inspection: () =>
      inspectExamples(model, examples, (parameters, batch, held, observer) => {
        const { rows, steps } = batch;
        const { target } = frameTargets(held.targets, batch);
        const logits = alignedHead(parameters, encoder.run(parameters, batch, undefined, observer));
        const valid = tf.tensor2d(lastSteps(batch), [rows.length, steps * batch.batch], 'bool');
        const targets = { target, valid, weight: column(rows.map(() => 1)) };
        return lossOfLanes(binaryCrossEntropy, logits, targets, 'sum');
      }),
  };
}
