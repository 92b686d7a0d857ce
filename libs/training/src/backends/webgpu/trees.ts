import {
  takeRowsShader,
  treeChildrenShader,
  treeNodesGradientShader,
  treeNodesShader,
  treeSumsShader,
  type Shader,
} from '@unroll/kernels';
import { linearKernel } from '../../tensor/kernels';
import {
  childSumGradientKernel,
  childSumKernel,
  linearGradientKernel,
  takeRowsKernel,
  treeLeavesGradientKernel,
  treeLeavesKernel,
} from '../../tensor/layer-kernels';
import { runKernel, tf, type Tensor, type TensorInfo } from '../../tensor/tfjs';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import { owned, over, type Programs } from './programs';

type Inputs<Name extends string> = Record<Name, Tensor>;
interface Level<Name extends string> {
  inputs: Inputs<Name>;
  attrs: { arity: number };
}

/** The kernels that tensor/layer-kernels.ts names for trees. */
export const webGpuTrees = (programs: Programs): Kernels =>
  bindKernels(programs, {
    [treeLeavesKernel]: leaves,
    [treeLeavesGradientKernel]: leavesGradient,
    [childSumKernel]: (all: Programs, given: Parameters<typeof childSum>[1]) => tf.tidy(() => childSum(all, given)),
    [childSumGradientKernel]: (all: Programs, given: Parameters<typeof childSumGradient>[1]) =>
      tf.tidy(() => childSumGradient(all, given)),
    [takeRowsKernel]: takeRows,
  });

/** Runs a shader over the units of nodes. */
function overUnits(
  programs: Programs,
  shader: Shader,
  inputs: readonly Tensor[],
  { count, hidden, arity }: { count: number; hidden: number; arity: number },
  outputs: readonly (readonly number[])[],
): TensorInfo[] {
  const { across, workgroups } = over(Math.ceil(count / 256));
  return programs.run({ shader, inputs, outputs, numbers: [count, hidden, arity, across], workgroups });
}

function leaves(programs: Programs, { inputs: { gates } }: { inputs: Inputs<'gates'> }): TensorInfo[] {
  const [lanes, nodes, columns] = gates.shape as [number, number, number];
  const hidden = columns / 3;
  const shape = { count: lanes * nodes * hidden, hidden, arity: 0 };
  return overUnits(programs, treeNodesShader(true), [gates], shape, [[lanes, nodes, 2 * hidden], gates.shape]);
}

function leavesGradient(
  programs: Programs,
  { inputs: { states, gates, gradient } }: { inputs: Inputs<'states' | 'gates' | 'gradient'> },
): TensorInfo {
  const hidden = gates.shape[2]! / 3;
  const shape = { count: gates.size / 3, hidden, arity: 0 };
  const inputs = [states, gates, gradient];
  return overUnits(programs, treeNodesGradientShader(true), inputs, shape, [gates.shape])[0]!;
}

/** The sizes of a level, and its children's h with their sums. */
function levelOf(programs: Programs, children: Tensor, arity: number) {
  const [lanes, all, columns] = children.shape as [number, number, number];
  const [hidden, nodes] = [columns / 2, all / arity];
  const shape = { count: lanes * nodes * hidden, hidden, arity };
  const [ofChild, ofNode] = [
    [lanes, all, hidden],
    [lanes, nodes, hidden],
  ] as const;
  const sums = overUnits(programs, treeSumsShader, [children], shape, [ofChild, ofNode]).map(owned);
  return { lanes, nodes, hidden, shape, ofChild, ofNode, h: sums[0]!, sums: sums[1]! };
}

function childSum(
  programs: Programs,
  { inputs, attrs: { arity } }: Level<'children' | 'sum' | 'forget' | 'bias' | 'forgetBias'>,
): Tensor[] {
  const { children, sum, forget, bias, forgetBias } = inputs;
  const { lanes, nodes, hidden, shape, ofChild, h, sums } = levelOf(programs, children, arity);
  const [gates] = runKernel(linearKernel, { x: sums, weight: sum, bias });
  const [forgets] = runKernel(linearKernel, { x: h, weight: forget, bias: forgetBias });
  return overUnits(programs, treeNodesShader(false), [gates!, forgets!, children], shape, [
    [lanes, nodes, 2 * hidden],
    [lanes, nodes, 3 * hidden],
    ofChild,
  ]).map(owned);
}

function childSumGradient(
  programs: Programs,
  { inputs, attrs: { arity } }: Level<'children' | 'sum' | 'forget' | 'states' | 'gates' | 'forgets' | 'gradient'>,
): Tensor[] {
  const { children, sum, forget, states, gates, forgets, gradient } = inputs;
  const { shape, ofChild, h, sums } = levelOf(programs, children, arity);
  const given = [states, gates, forgets, children, gradient];
  const [ofGates, ofForgets, ofC] = overUnits(programs, treeNodesGradientShader(false), given, shape, [
    gates.shape,
    ofChild,
    ofChild,
  ]).map(owned) as [Tensor, Tensor, Tensor];
  const plain = { gated: false };
  const bySum = runKernel(linearGradientKernel, { x: sums, weight: sum, gradient: ofGates }, plain);
  const byForget = runKernel(linearGradientKernel, { x: h, weight: forget, gradient: ofForgets }, plain);
  const parts = [byForget[0]!, bySum[0]!, ofC];
  const [ofChildren] = overUnits(programs, treeChildrenShader, parts, shape, [children.shape]).map(owned);
  return [ofChildren!, bySum[1]!, byForget[1]!, bySum[2]!, byForget[2]!];
}

function takeRows(programs: Programs, { inputs: { x, places } }: { inputs: Inputs<'x' | 'places'> }): TensorInfo {
  const [count, width] = [places.shape[0], x.shape[1]!];
  const { across, workgroups } = over(Math.ceil((count * width) / 256));
  const numbers = [count * width, width, across];
  return programs.run({
    shader: takeRowsShader,
    inputs: [x, places],
    outputs: [[count, width]],
    numbers,
    workgroups,
  })[0]!;
}
