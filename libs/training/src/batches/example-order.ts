import { stream } from '@unroll/random';

/**
 * The length to which a sequence is padded: enough different lengths to waste few steps, few enough that many sequences
 * share one.
 */
export function bucketLength(length: number): number {
  const step = length <= 64 ? 8 : length <= 256 ? 16 : 64;
  return Math.max(step, Math.ceil(length / step) * step);
}

/** The order in which examples are read. */
export interface ExampleOrder {
  readonly updatesPerEpoch: number;
  /** The examples of an update, from 1: a pure function of the seed and that number. */
  batch(seed: number, update: number): Int32Array;
}

/**
 * Shuffles examples again in each pass, those of one bucket together, to keep padding small. `buckets`: each example's
 * bucket, by its length. The order of buckets over updates is the same for every seed, so lanes of one array have the same
 * padding. Every example is read once a pass; the last batch may be smaller.
 */
export function bucketedOrder(buckets: Int32Array, batchSize: number): ExampleOrder {
  const byBucket = new Map<number, number[]>();
  buckets.forEach((bucket, index) => {
    const members = byBucket.get(bucket);
    if (members) members.push(index);
    else byBucket.set(bucket, [index]);
  });
  const members = [...byBucket].sort(([a], [b]) => a - b).map(([, indices]) => Int32Array.from(indices));
  const updatesPerEpoch = Math.ceil(buckets.length / batchSize);
  const passes = new Map<string, Int32Array>();

  /** All examples in the order of one pass. Cached for the last few lanes. */
  const pass = (seed: number, epoch: number): Int32Array => {
    const key = `${seed} ${epoch}`;
    const known = passes.get(key);
    if (known) return known;
    const order = new Int32Array(buckets.length);
    let begin = 0;
    for (const [bucket, indices] of members.entries()) {
      order.set(shuffled(indices, seed, epoch, bucket + 1), begin);
      begin += indices.length;
    }
    passes.set(key, order);
    if (passes.size > keptPasses) passes.delete(passes.keys().next().value!);
    return order;
  };
  const batches = new Map<number, Int32Array>();
  const batchOrder = (epoch: number): Int32Array => {
    const known =
      batches.get(epoch) ??
      shuffled(
        Int32Array.from({ length: updatesPerEpoch }, (_, i) => i),
        0,
        epoch,
        0,
      );
    if (batches.size > keptPasses) batches.clear();
    batches.set(epoch, known);
    return known;
  };
  return {
    updatesPerEpoch,
    batch(seed, update) {
      const epoch = Math.floor((update - 1) / updatesPerEpoch);
      const number = batchOrder(epoch)[(update - 1) % updatesPerEpoch]!;
      return pass(seed, epoch).subarray(number * batchSize, (number + 1) * batchSize);
    },
  };
}

/** Passes whose order is cached: each lane of a group needs its own at every update. */
const keptPasses = 1024;

/** A permutation (Fisher & Yates) from the seed's stream `order`, by (epoch, which) and the place. */
function shuffled(values: Int32Array, seed: number, epoch: number, which: number): Int32Array {
  const random = stream(seed, 'order');
  const result = values.slice();
  // Epochs and buckets share a counter, with room for a million epochs of each bucket.
  const counter = (which * 1_000_003 + epoch) >>> 0;
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random.uniform(counter, last) * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

/** The examples in a fixed order, for measuring: similar lengths together. */
export function measuringOrder(lengths: Int32Array, batchSize: number): Int32Array[] {
  const sorted = Int32Array.from(lengths.keys()).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return Array.from({ length: Math.ceil(sorted.length / batchSize) }, (_, index) =>
    sorted.subarray(index * batchSize, (index + 1) * batchSize),
  );
}
