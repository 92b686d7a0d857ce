import type { TrialSpec } from '@unroll/contracts';
import { separatorOf } from '@unroll/datasets';
import { ctcBeamSearch, greedyCtc } from '../decoding/ctc';
import { tf, type Tensor } from '../tensor/tfjs';
import { ctcLoss, type CtcTargets } from '../losses/ctc';
import { openEncoder, examplesOf } from './encoder';
import {
  fromExamples,
  measuringBatches,
  middleBatch,
  trainingBatches,
  type PaddedBatch,
} from '../batches/example-batches';
import { alignedHead, headParameters } from './head';
import { pairBuckets, writtenTargets, type TokenSequences } from '../batches/target-batch';
import { heldPart, type LanePosition } from '../batches/lane-position';
import type { Named, States } from '../nn/parameter';
import type { OpenTask, Task } from './task';
import { transcriptMetrics } from '../metrics/transcript';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'transcription') throw new Error(`${task.kind} is no transcription`);
  return task;
};

/** The texts of a batch, each lane's mean over its sequences, or their sum. */
function ctcTargets(
  { offsets, ids }: TokenSequences,
  { rows, batch, lengths }: PaddedBatch,
  kind: 'mean' | 'sum',
): CtcTargets {
  const shape: [number, number] = [rows.length, batch];
  const counts = new Int32Array(rows.length * batch);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => (counts[lane * batch + row] = offsets[example + 1]! - offsets[example]!)),
  );
  const maximum = counts.reduce((most, count) => Math.max(most, count), 0);
  const labels = new Int32Array(counts.length * maximum);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) =>
      labels.set(ids.subarray(offsets[example], offsets[example + 1]), (lane * batch + row) * maximum),
    ),
  );
  return {
    labels: tf.tensor3d(labels, [...shape, maximum], 'int32'),
    labelLengths: tf.tensor2d(counts, shape, 'int32'),
    inputLengths: tf.tensor2d(lengths, shape, 'int32'),
    weight: tf.tensor2d(
      rows.map(({ length }) => [kind === 'mean' ? 1 / length : 1]),
      [rows.length, 1],
    ),
  };
}

/** What the likeliest path of a row spells; `ids` [time, batch], the likeliest class of each step. */
function likeliest(ids: Float32Array, row: number, { batch, lengths }: PaddedBatch): number[] {
  const steps = lengths[row]!;
  return greedyCtc(
    Array.from({ length: steps }, (_, step) => ids[step * batch + row]!),
    steps,
  );
}

/** What a beam makes of a row; `logs` [time, batch, classes]. */
function searched(logs: Float32Array, row: number, { batch, steps, lengths }: PaddedBatch, width: number): number[] {
  const classes = logs.length / (steps * batch);
  const own = Array.from({ length: lengths[row]! }, (_, step) => {
    const from = (step * batch + row) * classes;
    return logs.subarray(from, from + classes);
  });
  return ctcBeamSearch(own, width)[0]!.labels;
}

/**
 * What is said in a recording: connectionist temporal classification, the mean over sequences of the nats of a whole text, without an
 * alignment. Reports read the likeliest path; the test part may be read by a beam.
 */
export const transcription: Task = {
  kind: 'transcription',
  parameters({ model, training }, data) {
    const examples = examplesOf(data, 'transcription');
    const classes = examples.targetVocabulary!.length;
    return [...openEncoder(model, training, examples).parameters, ...headParameters(model, classes)];
  },
  open(spec, data): OpenTask<PaddedBatch> {
    const { model, training } = spec;
    const { beamWidth, tokens } = optionsOf(spec);
    const examples = examplesOf(data, 'transcription');
    const vocabulary = examples.targetVocabulary!;
    const encoder = openEncoder(model, training, examples);
    const targets = writtenTargets(examples.train, 'transcription');
    const buckets = pairBuckets(examples.train, targets);
    const batches = trainingBatches(examples.train, training.batchSize, undefined, buckets);

    /** Logits [lane, time, batch, classes]. */
    const logitsOf = (parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[]): Tensor =>
      tf.reshape(alignedHead(parameters, encoder.run(parameters, batch, positions)), [
        ...[batch.rows.length, batch.steps, batch.batch, vocabulary.length],
      ]);
    const idsOf = (logits: Tensor): Tensor =>
      tf.reshape(tf.cast(tf.argMax(logits, 3), 'float32'), [logits.shape[0], -1]); // [lane, time·batch]

    return {
      ...fromExamples(batches, examples),
      loss(parameters, batch, _states, positions) {
        const logits = logitsOf(parameters, batch, positions);
        return { loss: ctcLoss(logits, ctcTargets(targets, batch, 'mean')), states: [] };
      },
      evaluation(part, lanes) {
        const held = heldPart(examples, part);
        const right = writtenTargets(held, 'transcription');
        const reading = measuringBatches(held, training.batchSize);
        const metrics = transcriptMetrics(lanes, right, vocabulary);
        const width = part === 'test' ? beamWidth : 1;
        const known: PaddedBatch[] = [];
        return {
          batches: reading.count,
          zeroStates: (): States => [],
          measure(parameters, index) {
            const batch = (known[index] = reading.batch(index, lanes));
            const logits = logitsOf(parameters, batch);
            const sum = tf.reshape(ctcLoss(logits, ctcTargets(right, batch, 'sum')), [lanes, 1]);
            const read = width > 1 ? tf.reshape(tf.logSoftmax(logits), [lanes, -1]) : idsOf(logits);
            return { values: tf.concat([sum, read], 1), states: [] };
          },
          add(values, index) {
            const batch = known[index]!;
            const size = values.length / lanes;
            for (let lane = 0; lane < lanes; lane++) {
              const [loss, read] = [values[lane * size]!, values.subarray(lane * size + 1, (lane + 1) * size)];
              const textOf = (_: number, row: number): number[] =>
                width > 1 ? searched(read, row, batch, width) : likeliest(read, row, batch);
              metrics.add(lane, loss, batch.rows[0]!, Array.from(batch.rows[0]!, textOf));
            }
          },
          metrics: (lane) => metrics.of(lane),
        };
      },
      async sample(parameters, positions, length) {
        let batch: PaddedBatch | undefined;
        const ids = tf.tidy(() => {
          batch = middleBatch(examples.validation, positions.length);
          return idsOf(logitsOf(parameters, batch));
        });
        const all = (await ids.data()) as Float32Array;
        ids.dispose();
        return positions.map((_, lane) =>
          likeliest(all.subarray(lane * batch!.steps), 0, batch!)
            .slice(0, length)
            .map((label) => vocabulary[label]!)
            .join(separatorOf(tokens)),
        );
      },
    };
  },
};
