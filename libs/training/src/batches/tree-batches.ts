import type { Trees } from '@unroll/datasets';
import { withTokenDropout } from './augmentation';
import { nodeHeights, planTrees, type TreePlan } from '../nn/tree-plan';
import { bucketedOrder, bucketLength, measuringOrder } from './example-order';
import type { LanePosition } from './lane-position';

/** Trees side by side. */
export interface TreeBatch {
  plan: TreePlan;
  /** The word of each leaf, 0 for padding; [lane, leaves]. */
  words: Int32Array;
  /** The class of each node, −1 for padding; [lane, total]. */
  labels: Int32Array;
  /** The same for roots only, −1 for all others. */
  roots: Int32Array;
}

const treeSizes = ({ count, offsets }: Trees): Int32Array =>
  Int32Array.from({ length: count }, (_, tree) => offsets[tree + 1]! - offsets[tree]!);

/** Makes batches of some trees. */
function batcher(trees: Trees): (rows: readonly Int32Array[]) => TreeBatch {
  const heights = nodeHeights(trees);
  const lasts = new Set(trees.offsets.subarray(1).map((end) => end - 1));
  return (rows) => {
    const plan = planTrees(trees, heights, rows);
    const { order, total, leaves } = plan;
    const labels = order.map((node) => (node < 0 ? -1 : trees.labels[node]!));
    const words = new Int32Array(rows.length * leaves);
    for (let lane = 0; lane < rows.length; lane++)
      for (let leaf = 0; leaf < leaves; leaf++) {
        const node = order[lane * total + leaf]!;
        if (node >= 0) words[lane * leaves + leaf] = trees.words[node]!;
      }
    return { plan, words, labels, roots: labels.map((label, place) => (lasts.has(order[place]!) ? label : -1)) };
  };
}

/** Batches to train on, trees of similar sizes together. `vocabulary`: how many words there are. */
export function trainingTrees(trees: Trees, batchSize: number, vocabulary: number) {
  const order = bucketedOrder(treeSizes(trees).map(bucketLength), batchSize);
  const makeBatch = batcher(trees);
  return {
    updatesPerEpoch: order.updatesPerEpoch,
    training(positions: readonly LanePosition[]): TreeBatch {
      const batch = makeBatch(positions.map(({ seed, update }) => order.batch(seed, update)));
      return { ...batch, words: withTokenDropout(batch.words, positions, vocabulary) };
    },
  };
}

/** Batches to measure with: every tree once, the same for every lane. */
export function measuringTrees(trees: Trees, batchSize: number) {
  const all = measuringOrder(treeSizes(trees), batchSize);
  const makeBatch = batcher(trees);
  return {
    count: all.length,
    batch: (index: number, lanes: number): TreeBatch => makeBatch(Array<Int32Array>(lanes).fill(all[index]!)),
  };
}
