import type { TrialSpec } from '@unroll/contracts';
import type { PreparedData, TreeData } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import { crossEntropy, smoothedCrossEntropy } from '../losses/cross-entropy';
import { lookup } from '../functional/embedding';
import { runTrees, treeParameters } from '../nn/tree';
import { plainAxis, type Parameter } from '../nn/parameter';
import { classTargets } from './classes';
import { alignedHead, headParameters } from './head';
import { heldPart } from '../batches/lane-position';
import type { Named, States } from '../nn/parameter';
import type { OpenTask, Task } from './task';
import { measuringTrees, trainingTrees, type TreeBatch } from '../batches/tree-batches';
import { treeMetrics } from '../metrics/tree';

const optionsOf = ({ task }: TrialSpec) => {
  if (task.kind !== 'tree-classification') throw new Error(`${task.kind} is no tree-classification`);
  return task;
};

function treesOf(data: PreparedData): TreeData {
  if (data.kind !== 'trees') throw new Error(`tree-classification learns from trees, not from ${data.kind}`);
  return data;
}

/** Logits of every node, in the plan's order: [lane, total, classes]. */
function logitsOf(parameters: Named, { plan, words }: TreeBatch): Tensor {
  const ids = tf.tensor2d(words, [plan.lanes, plan.leaves], 'int32');
  const h = runTrees((name) => parameters(`tree.${name}`), lookup(parameters('embedding.weight'), ids), plan);
  return alignedHead(parameters, { outputs: tf.expandDims(h, 2) });
}

/** A class for a tree and for each of its nodes: the mean cross-entropy in nats over all nodes, or over the roots alone. */
export const treeClassification: Task = {
  kind: 'tree-classification',
  parameters({ model }, data) {
    const { inputVocabulary, targetVocabulary } = treesOf(data);
    const embedding: Parameter = {
      name: 'embedding.weight',
      axes: [plainAxis(inputVocabulary.length), plainAxis(model.embeddingSize)],
      transposed: false,
      start: 'normal',
    };
    return [
      embedding,
      ...treeParameters(model, model.embeddingSize, 'tree.'),
      ...headParameters(model, targetVocabulary.length),
    ];
  },
  open(spec, data): OpenTask<TreeBatch> {
    const trees = treesOf(data);
    const { batchSize } = spec.training;
    const batches = trainingTrees(trees.train, batchSize, trees.inputVocabulary.length);
    const learned = ({ labels, roots }: TreeBatch): Int32Array => (optionsOf(spec).nodes === 'all' ? labels : roots);
    return {
      updatesPerEpoch: batches.updatesPerEpoch,
      evenBatches: false, // a batch is as deep as its trees
      zeroStates: (): States => [],
      stateAge: 0,
      sinceReset: () => 0,
      trainingBatch: (positions) => batches.training(positions),
      loss(parameters, batch, _states, positions) {
        const right = { classes: learned(batch), lanes: batch.plan.lanes };
        const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
        const logits = logitsOf(parameters, batch);
        return { loss: smoothedCrossEntropy(logits, classTargets(right, 'mean'), rates), states: [] };
      },
      evaluation(part, lanes) {
        const reading = measuringTrees(heldPart(trees, part), batchSize);
        const metrics = treeMetrics(lanes, trees.targetVocabulary.length);
        const known: TreeBatch[] = [];
        return {
          batches: reading.count,
          zeroStates: (): States => [],
          measure(parameters, index) {
            const batch = (known[index] = reading.batch(index, lanes));
            const logits = logitsOf(parameters, batch);
            const sum = crossEntropy(logits, classTargets({ classes: learned(batch), lanes }, 'sum'));
            const found = tf.cast(tf.argMax(logits, 2), 'float32');
            return { values: tf.concat([tf.reshape(sum, [lanes, 1]), found], 1), states: [] };
          },
          add(values, index) {
            const batch = known[index]!;
            const { total } = batch.plan;
            const right = { learned: learned(batch), ...batch };
            for (let lane = 0; lane < lanes; lane++) {
              const own = values.subarray(lane * (1 + total), (lane + 1) * (1 + total));
              metrics.add(lane, own[0]!, own.subarray(1), right);
            }
          },
          metrics: (lane) => metrics.of(lane),
        };
      },
    };
  },
};
