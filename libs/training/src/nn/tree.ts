import { layerWidth, type ModelSpec } from '@unroll/contracts';
import { childSumLstm, nodeGates, type ChildSumWeights } from './cells/child-sum-lstm';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Start } from './init/start';
import { plainAxis, type Axis, type Parameter } from './parameter';
import { rearranged } from '../tensor/rearranged';
import type { TreePlan } from './tree-plan';

/** The parameters of a child-sum tree-LSTM over words of `inputs` numbers. */
export function treeParameters(model: ModelSpec, inputs: number, prefix: string): Parameter[] {
  const { input, recurrent, forgetBias } = model.initialisation;
  const start: Start = { bound: 1 / Math.sqrt(model.hiddenSize) };
  const units: Axis = { blocks: 1, size: model.hiddenSize, width: layerWidth(model) };
  const gates: Axis = { ...units, blocks: nodeGates };
  const matrix = (name: string, rows: Axis, columns: Axis, from: typeof input): Parameter => ({
    ...{ name: `${prefix}${name}`, axes: [rows, columns], transposed: true },
    start: from === 'default' ? start : { matrix: from },
  });
  const vector = (name: string, axis: Axis, from: Start): Parameter => ({
    ...{ name: `${prefix}${name}`, axes: [axis], transposed: false, start: from },
  });
  return [
    matrix('weight_ih', gates, plainAxis(inputs), input),
    matrix('weight_hh', gates, units, recurrent),
    matrix('weight_fh', units, units, recurrent),
    vector('bias', gates, start),
    vector('bias_f', units, forgetBias === undefined ? start : { value: forgetBias }),
  ];
}

const treeWeights = (parameters: (name: string) => Tensor): ChildSumWeights => ({
  input: parameters('weight_ih'),
  sum: parameters('weight_hh'),
  forget: parameters('weight_fh'),
  bias: parameters('bias'),
  forgetBias: parameters('bias_f'),
});

/**
 * Reads trees from their leaves to their roots, all nodes of a level of all trees at once (backpropagation through
 * structure, Goller & Küchler 1996, is what tf records). `parameters` gives those of `treeParameters` without the prefix;
 * words [lane, leaves, inputs] → h of every node in the plan's order, [lane, total, width].
 */
export function runTrees(parameters: (name: string) => Tensor, words: Tensor, { levels }: TreePlan): Tensor {
  const weights = treeWeights(parameters);
  const first = childSumLstm.leaves(words, weights); // [lane, nodes, h and c]
  const states = [first];
  let waiting = first;
  for (const { nodes, arity, rest, from, to } of levels) {
    const arranged = rearranged(waiting, { from, to });
    const [read, later] =
      rest > 0 ? (tf.split(arranged, [nodes * arity, rest], 1) as [Tensor, Tensor]) : [arranged, undefined];
    const state = childSumLstm.inner(read, arity, weights);
    states.push(state);
    waiting = later ? tf.concat([state, later], 1) : state;
  }
  const [h] = tf.split(tf.concat(states, 1), 2, 2);
  return h!;
}
