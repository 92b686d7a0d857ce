import { textOf } from '@unroll/datasets';
import {
  fromExamples,
  measuringBatches,
  middleBatch,
  trainingBatches,
  type PaddedBatch,
} from '../batches/example-batches';
import type { LanePosition } from '../batches/lane-position';
import { pairBuckets, type TokenSequences } from '../batches/target-batch';
import { ctcBeamSearch, greedyCtc } from '../decoding/ctc';
import { ctcLoss, type CtcTargets } from '../losses/ctc';
import { perLane, type Tally } from '../metrics/tally';
import { transcriptTallies } from '../metrics/transcript';
import type { Named } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { openEncoder } from './encoder';
import { evaluation } from './evaluation';
import { alignedHead, headParameters } from './head';
import { showWriting } from './shown-writing';
import type { OpenTask, Task, TrialOf } from './task';
import type { ExampleDataWith } from './task-data';

/** The right texts of a batch, for each lane's mean over its sequences or for their sum. */
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

/** The text of a row's likeliest path; `ids` [time, batch], the likeliest class of each step. */
function likeliest(ids: Float32Array, row: number, { batch, lengths }: PaddedBatch): number[] {
  const steps = lengths[row]!;
  return greedyCtc(
    Array.from({ length: steps }, (_, step) => ids[step * batch + row]!),
    steps,
  );
}

/** The text that a beam finds for a row; `logs` [time, batch, classes]. */
function searched(logs: Float32Array, row: number, { batch, steps, lengths }: PaddedBatch, width: number): number[] {
  const classes = logs.length / (steps * batch);
  const own = Array.from({ length: lengths[row]! }, (_, step) => {
    const from = (step * batch + row) * classes;
    return logs.subarray(from, from + classes);
  });
  return ctcBeamSearch(own, width)[0]!.labels;
}

/** Tallies of what is read, by a beam of `width` or, where that is 1, along the likeliest path. */
function readingTallies(right: TokenSequences, vocabulary: readonly string[], width: number): () => Tally<PaddedBatch> {
  const tally = transcriptTallies(right, vocabulary);
  const read =
    width > 1 ? (logs: Float32Array, row: number, batch: PaddedBatch) => searched(logs, row, batch, width) : likeliest;
  return () => {
    const { add, metrics } = tally();
    return {
      add(values, batch) {
        const rows = batch.rows[0]!;
        add(
          values[0]!,
          rows,
          Array.from(rows, (_, row) => read(values.subarray(1), row, batch)),
        );
      },
      metrics,
    };
  };
}

/**
 * What is said in a recording: connectionist temporal classification, the mean over sequences of the nats of a whole text,
 * without an alignment. Reports read the likeliest path; the test part may be read by a beam.
 */
export const transcription: Task<'transcription', 'sequences'> = {
  kind: 'transcription',
  needs: 'sequences',
  parameters: ({ model, training }, data) => [
    ...openEncoder(model, training, data).parameters,
    ...headParameters(model, data.targetVocabulary!.length),
  ],
  open: openTranscription,
};

function openTranscription(
  { model, training, task: { beamWidth, tokens } }: TrialOf<'transcription'>,
  examples: ExampleDataWith<'tokens'>,
): OpenTask<PaddedBatch> {
  const vocabulary = examples.targetVocabulary!;
  const encoder = openEncoder(model, training, examples);
  const { targets } = examples.train;
  const batches = trainingBatches(examples.train, training.batchSize, undefined, pairBuckets(examples.train, targets));
  /** Logits [lane, time, batch, classes]. */
  const run = (parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[]): Tensor =>
    tf.reshape(alignedHead(parameters, encoder.run(parameters, batch, positions)), [
      ...[batch.rows.length, batch.steps, batch.batch, vocabulary.length],
    ]);
  return {
    ...fromExamples(batches, examples),
    loss(parameters, batch, _states, positions) {
      const logits = run(parameters, batch, positions);
      return { loss: ctcLoss(logits, ctcTargets(targets, batch, 'mean')), states: [] };
    },
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure(parameters, batch, { held, part }) {
        const lanes = batch.rows.length;
        const logits = run(parameters, batch);
        const sum = tf.reshape(ctcLoss(logits, ctcTargets(held.targets, batch, 'sum')), [lanes, 1]);
        const isBeam = part === 'test' && beamWidth > 1;
        const read = isBeam ? tf.reshape(tf.logSoftmax(logits), [lanes, -1]) : likeliestIds(logits);
        return { values: tf.concat([sum, read], 1), kept: batch };
      },
      tallies: (lanes, { held, part }) =>
        perLane(lanes, readingTallies(held.targets, vocabulary, part === 'test' ? beamWidth : 1)),
    }),
    exhibit: async (parameters) => ({
      written: await showWriting({
        ...{ examples, batchSize: training.batchSize, tokens, ending: 0 },
        write: (batch) => ({
          values: likeliestIds(run(parameters, batch)),
          read: (ids) => (row) => likeliest(ids, row, batch),
        }),
      }),
    }),
    async sample(parameters, positions, length) {
      let batch: PaddedBatch | undefined;
      const ids = tf.tidy(() => {
        batch = middleBatch(examples.validation, positions.length);
        return likeliestIds(run(parameters, batch));
      });
      const all = (await ids.data()) as Float32Array;
      ids.dispose();
      const { steps } = batch!;
      const symbols = (lane: number): string[] =>
        likeliest(all.subarray(lane * steps), 0, batch!).map((label) => vocabulary[label]!);
      return positions.map((_, lane) => textOf(symbols(lane).slice(0, length), tokens));
    },
  };
}

/** The likeliest class of each step: [lane, time·batch] from logits [lane, time, batch, classes]. */
const likeliestIds = (logits: Tensor): Tensor =>
  tf.reshape(tf.cast(tf.argMax(logits, 3), 'float32'), [logits.shape[0], -1]);
