import type { Trees } from '@unroll/datasets';
import { heldPart, type Part } from '../batches/lane-position';
import { measuringTrees, trainingTrees, type TreeBatch } from '../batches/tree-batches';
import { lookup } from '../functional/embedding';
import { perLane } from '../metrics/tally';
import { treeTally } from '../metrics/tree';
import { plainAxis, type Named, type Parameter, type States } from '../nn/parameter';
import { runTrees, treeParameters } from '../nn/tree';
import { tf, type Tensor } from '../tensor/tfjs';
import { showAnswers } from './answered';
import { classAnswer } from './answers';
import { classReport } from './class-report';
import { classLoss, logarithms, lossAndFound } from './classes';
import { evaluation } from './evaluation';
import { alignedHead, headParameters } from './head';
import type { Answering, OpenTask, Task, TrialOf } from './task';
import type { TaskData } from './task-data';

/** Logits of every node, in the plan's order: [lane, total, classes]. */
function nodeLogits(parameters: Named, { plan, words }: TreeBatch): Tensor {
  const ids = tf.tensor2d(words, [plan.lanes, plan.leaves], 'int32');
  const h = runTrees((name) => parameters(`tree.${name}`), lookup(parameters('embedding.weight'), ids), plan);
  return alignedHead(parameters, { outputs: tf.expandDims(h, 2) });
}

/** A class for a tree and for each of its nodes: the mean cross-entropy in nats over all nodes, or over the roots only. */
export const treeClassification: Task<'tree-classification', 'trees'> = {
  kind: 'tree-classification',
  needs: 'trees',
  parameters({ model }, { inputVocabulary, targetVocabulary }) {
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
  open: openTrees,
};

/** The class of each tree's root. */
function answerTrees(held: Trees, classes: readonly string[], batchSize: number): Answering {
  const reader = measuringTrees(held, batchSize);
  const roots = new Map(Array.from(held.offsets.subarray(1), (end, tree) => [end - 1, tree]));
  const orders: Int32Array[] = [];
  return {
    batches: reader.count,
    run(parameters, index) {
      const batch = reader.batch(index, 1);
      orders[index] = batch.plan.order;
      return tf.softmax(nodeLogits(parameters, batch)); // [1, total, classes]
    },
    read: (values, index) =>
      [...orders[index]!].flatMap((node, row) => {
        const example = roots.get(node);
        return example === undefined ? [] : [{ example, answer: classAnswer(classes, { values, row }) }];
      }),
  };
}

function openTrees({ task, training }: TrialOf<'tree-classification'>, trees: TaskData['trees']): OpenTask<TreeBatch> {
  const { batchSize } = training;
  const answers = (part: Part): Answering => answerTrees(heldPart(trees, part), trees.targetVocabulary, batchSize);
  const batches = trainingTrees(trees.train, batchSize, trees.inputVocabulary.length);
  const learned = ({ labels, roots }: TreeBatch): Int32Array => (task.nodes === 'all' ? labels : roots);
  const weigh = classLoss(training, trees.targetVocabulary, () => {
    const { labels, offsets } = trees.train;
    return task.nodes === 'all' ? labels : Int32Array.from(offsets.subarray(1), (end) => labels[end - 1]!);
  });
  const measured = (logits: Tensor, batch: TreeBatch) => {
    const right = { classes: learned(batch), lanes: batch.plan.lanes };
    return {
      values: lossAndFound(logits, right),
      kept: { learned: right.classes, labels: batch.labels, roots: batch.roots },
    };
  };
  return {
    updatesPerEpoch: batches.updatesPerEpoch,
    evenBatches: false, // a batch is as deep as its trees
    zeroStates: (): States => [],
    stateAge: 0,
    sinceReset: () => 0,
    trainingBatch: (positions) => batches.training(positions),
    loss(parameters, batch, _states, positions) {
      const right = { classes: learned(batch), lanes: batch.plan.lanes };
      return { loss: weigh(nodeLogits(parameters, batch), right, positions), states: [] };
    },
    answering: answers,
    exhibit: showAnswers(() => ({
      answering: answers('validation'),
      show: (all) => ({ classes: classReport(trees, all) }),
    })),
    evaluation: evaluation({
      data: trees,
      batches: (held) => measuringTrees(held, batchSize),
      measure: (parameters, batch) => measured(nodeLogits(parameters, batch), batch),
      combined: {
        outputs: (parameters, batch) => tf.softmax(nodeLogits(parameters, batch)),
        measure: (mean, batch) => measured(logarithms(mean), batch),
      },
      tallies: (lanes) => perLane(lanes, () => treeTally(trees.targetVocabulary.length)),
    }),
  };
}
