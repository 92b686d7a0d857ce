import type { Examples, Sequences } from '@unroll/datasets';
import { stream } from '@unroll/random';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Targets } from '../losses/cross-entropy';
import { sequenceLengths, stepMask, type PaddedBatch } from './example-batches';
import { bucketLength } from './example-order';
import type { LanePosition } from './lane-position';

export type TokenSequences = Extract<Sequences, { kind: 'tokens' }>;

/**
 * Each example's bucket by the lengths of its input and of its target: batches of one bucket have the same length in both.
 */
export function pairBuckets(examples: Examples, targets: TokenSequences): Int32Array {
  const targetLengths = sequenceLengths(targets);
  const target = targetLengths.map(bucketLength);
  const most = target.reduce((longest, length) => Math.max(longest, length), 0) + 1;
  return sequenceLengths(examples.inputs).map((length, index) => bucketLength(length) * most + target[index]!);
}

/** What a decoder reads and has to write; its tensors belong to the surrounding tidy. */
export interface TargetBatch {
  /** The start, and all tokens but the last, int32 [lane, time, batch]. */
  read: Tensor;
  /** Steps that count, bool [lane, time, batch]; undefined where all do. */
  valid: Tensor | undefined;
  /** All tokens, the steps of each sequence side by side, [lane, batch·time]. */
  targets: Targets;
  steps: number;
}

/** The targets of the examples in each lane's rows. `start`: the token before the first. */
export function targetBatch(
  { offsets, ids }: TokenSequences,
  { rows, batch }: PaddedBatch,
  start: number,
  loss: 'mean' | 'sum',
): TargetBatch {
  const lanes = rows.length;
  const lengths = new Int32Array(lanes * batch);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => (lengths[lane * batch + row] = offsets[example + 1]! - offsets[example]!)),
  );
  const steps = bucketLength(lengths.reduce((most, length) => Math.max(most, length), 1));
  const read = new Int32Array(lanes * steps * batch);
  const classes = new Int32Array(lanes * batch * steps);
  const counted = new Uint8Array(lanes * batch * steps);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      const [begin, length] = [offsets[example]!, lengths[lane * batch + row]!];
      for (let step = 0; step < length; step++) {
        read[(lane * steps + step) * batch + row] = step === 0 ? start : ids[begin + step - 1]!;
        classes[(lane * batch + row) * steps + step] = ids[begin + step]!;
        counted[(lane * batch + row) * steps + step] = 1;
      }
    }),
  );
  const counts = rows.map((_, lane) =>
    lengths.subarray(lane * batch, (lane + 1) * batch).reduce((sum, length) => sum + length, 0),
  );
  return {
    read: tf.tensor3d(read, [lanes, steps, batch], 'int32'),
    valid: stepMask(lengths, { lanes, steps, batch }),
    targets: {
      classes: tf.tensor2d(classes, [lanes, batch * steps], 'int32'),
      valid: counted.includes(0) ? tf.tensor2d(counted, [lanes, batch * steps], 'bool') : undefined,
      weight: tf.tensor2d(
        counts.map((count) => [loss === 'mean' ? 1 / count : 1]),
        [lanes, 1],
      ),
    },
    steps,
  };
}

/**
 * At which steps each lane's decoder reads the right token: bool [lane, time, batch], from its stream `forcing`, by
 * sequence and step.
 */
export function forcedSteps(positions: readonly LanePosition[], steps: number, batch: number): Tensor {
  const forced = new Uint8Array(positions.length * steps * batch);
  positions.forEach(({ seed, update, forcing }, lane) => {
    const random = stream(seed, 'forcing');
    for (let step = 0; step < steps; step++)
      for (let row = 0; row < batch; row++)
        forced[(lane * steps + step) * batch + row] = Number(
          random.uniformFloat32(update, (row * mostSteps + step) >>> 0) < forcing,
        );
  });
  return tf.tensor3d(forced, [positions.length, steps, batch], 'bool');
}

/** Few sequences have more; up to this length no two steps share a counter. */
const mostSteps = 2 ** 16;
