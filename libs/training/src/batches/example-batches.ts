import { readVectors, type ExampleData, type Examples, type Sequences } from '@unroll/datasets';
import { withNoise, withTokenDropout, withTokenDropoutThere } from './augmentation';
import { tf, type Tensor } from '../tensor/tfjs';
import { deviceRows, forgetSequences } from './device-sequences';
import { bucketedOrder, bucketLength, measuringOrder } from './example-order';
import type { LanePosition } from './lane-position';
import type { States } from '../nn/parameter';

/** Sequences side by side, padded to the longest; its tensors belong to the surrounding tidy. */
export interface PaddedBatch {
  /** Tokens, int32 [lane, time, batch], or vectors, float32 [lane, time, batch, width]. */
  inputs: Tensor;
  /** Steps that count, bool [lane, time, batch]; undefined where all do. */
  valid: Tensor | undefined;
  /** Steps of each sequence, [lane, batch]; 0 for a row without one. */
  lengths: Int32Array;
  steps: number;
  batch: number;
  /** The examples in each lane's rows, fewer than `batch` at the end of a pass. */
  rows: readonly Int32Array[];
}

export const sequenceLengths = ({ offsets }: Sequences): Int32Array =>
  Int32Array.from({ length: offsets.length - 1 }, (_, index) => offsets[index + 1]! - offsets[index]!);

/** Reads batches of examples for training. */
export interface ExampleBatches {
  updatesPerEpoch: number;
  /** Whether all of them are padded to the same length. */
  even: boolean;
  training(positions: readonly LanePosition[]): PaddedBatch;
}

/** The parts that every task that learns from examples shares: nothing is carried from one batch to the next. */
export const fromExamples = (batches: ExampleBatches, { train, validation, test }: ExampleData) => ({
  updatesPerEpoch: batches.updatesPerEpoch,
  evenBatches: batches.even,
  zeroStates: (): States => [],
  stateAge: 0,
  sinceReset: (): number => 0,
  trainingBatch: (positions: readonly LanePosition[]): PaddedBatch => batches.training(positions),
  dispose: (): void => forgetSequences([train, validation, ...(test ? [test] : [])].map(({ inputs }) => inputs)),
});

/**
 * Batches to train on. `vocabulary`: how many tokens there are, where inputs are tokens. `buckets`: each example's bucket,
 * where it depends on more than the input's length.
 */
export function trainingBatches(
  examples: Examples,
  batchSize: number,
  vocabulary: number | undefined,
  buckets: Int32Array = sequenceLengths(examples.inputs).map(bucketLength),
): ExampleBatches {
  const order = bucketedOrder(buckets, batchSize);
  return {
    updatesPerEpoch: order.updatesPerEpoch,
    even: buckets.every((bucket) => bucket === buckets[0]),
    training(positions) {
      const rows = positions.map(({ seed, update }) => order.batch(seed, update));
      return padded(examples.inputs, rows, batchSize, positions, vocabulary);
    },
  };
}

/** Batches to measure with: every example once, the same for every lane. */
export function measuringBatches(
  examples: Examples,
  batchSize: number,
): { count: number; batch(index: number, lanes: number): PaddedBatch } {
  const all = measuringOrder(sequenceLengths(examples.inputs), batchSize);
  return {
    count: all.length,
    batch: (index, lanes) => padded(examples.inputs, Array<Int32Array>(lanes).fill(all[index]!), batchSize),
  };
}

/** All examples as one batch, the same for every lane. They are few, and the device does not keep them. */
export function wholeBatch({ inputs, count }: Examples, lanes: number): PaddedBatch {
  const all = Int32Array.from({ length: count }, (_, index) => index);
  const batch = padded(inputs, Array<Int32Array>(lanes).fill(all), count);
  forgetSequences([inputs]);
  return batch;
}

/** One example of middle length, the same for every lane. */
export function middleBatch(examples: Examples, lanes: number): PaddedBatch {
  const reading = measuringBatches(examples, 1);
  return reading.batch(Math.floor(reading.count / 2), lanes);
}

/** These examples side by side, a row each of `batch` rows a lane. `positions` in training only. */
export function padded(
  sequences: Sequences,
  rows: readonly Int32Array[],
  batch: number,
  positions?: readonly LanePosition[],
  vocabulary = 0,
): PaddedBatch {
  const { offsets } = sequences;
  const lengths = new Int32Array(rows.length * batch);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => (lengths[lane * batch + row] = offsets[example + 1]! - offsets[example]!)),
  );
  const longest = (all: Int32Array): number => all.reduce((most, length) => Math.max(most, length), 1);
  const steps = Math.min(bucketLength(longest(lengths)), longestOfAll(sequences, longest));
  const lanes = rows.length;
  const inputs =
    sequences.kind === 'tokens'
      ? padTokens(sequences, rows, { batch, steps }, positions, vocabulary)
      : padVectors(sequences, rows, { batch, steps, lengths }, positions);
  return { inputs, valid: stepMask(lengths, { lanes, steps, batch }), lengths, steps, batch, rows };
}

const limits = new WeakMap<Sequences, number>();

/** The longest of all sequences: no batch is padded beyond it. */
function longestOfAll(sequences: Sequences, longest: (all: Int32Array) => number): number {
  const known = limits.get(sequences) ?? longest(sequenceLengths(sequences));
  limits.set(sequences, known);
  return known;
}

/** bool [lane, time, batch], undefined where every step of every row counts. */
export function stepMask(
  lengths: Int32Array,
  { lanes, steps, batch }: { lanes: number; steps: number; batch: number },
): Tensor | undefined {
  if (lengths.every((length) => length === steps)) return undefined;
  const valid = new Uint8Array(lanes * steps * batch);
  for (let lane = 0; lane < lanes; lane++)
    for (let row = 0; row < batch; row++)
      for (let step = 0; step < lengths[lane * batch + row]!; step++) valid[(lane * steps + step) * batch + row] = 1;
  return tf.tensor3d(valid, [lanes, steps, batch], 'bool');
}

function padTokens(
  sequences: Extract<Sequences, { kind: 'tokens' }>,
  rows: readonly Int32Array[],
  { batch, steps }: { batch: number; steps: number },
  positions: readonly LanePosition[] | undefined,
  vocabulary: number,
): Tensor {
  const found = deviceRows(sequences, rows, { batch, steps });
  const there = found && positions ? withTokenDropoutThere(found, positions, vocabulary) : found;
  if (there) return there;
  const { offsets, ids } = sequences;
  const values = new Int32Array(rows.length * steps * batch);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      const begin = offsets[example]!;
      const length = offsets[example + 1]! - begin;
      for (let step = 0; step < length; step++) values[(lane * steps + step) * batch + row] = ids[begin + step]!;
    }),
  );
  const changed = positions ? withTokenDropout(values, positions, vocabulary) : values;
  return tf.tensor3d(changed, [rows.length, steps, batch], 'int32');
}

function padVectors(
  sequences: Extract<Sequences, { kind: 'vectors' }>,
  rows: readonly Int32Array[],
  { batch, steps, lengths }: { batch: number; steps: number; lengths: Int32Array },
  positions: readonly LanePosition[] | undefined,
): Tensor {
  const isPlain = (positions ?? []).every(
    ({ augmentation }) => augmentation.jitter === 0 && augmentation.timeMasking === 0,
  );
  const there = isPlain ? deviceRows(sequences, rows, { batch, steps }) : undefined;
  if (there) return there;
  const { width } = sequences;
  const values = new Float32Array(rows.length * steps * batch * width);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      const all = readVectors(sequences, example);
      for (let from = 0, step = 0; from < all.length; from += width, step++)
        values.set(all.subarray(from, from + width), ((lane * steps + step) * batch + row) * width);
    }),
  );
  const changed = positions ? withNoise(values, positions, { batch, width, lengths }) : values;
  return tf.tensor4d(changed, [rows.length, steps, batch, width]);
}
