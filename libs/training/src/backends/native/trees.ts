import type { Kernels as NativeKernels } from '@unroll/kernels';
import {
  childSumGradientKernel,
  childSumKernel,
  takeRowsKernel,
  treeLeavesGradientKernel,
  treeLeavesKernel,
} from '../../tensor/layer-kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

/** What the kernels run with. */
interface Native {
  kernels: NativeKernels;
  memory: NativeMemory;
}

type Inputs<Name extends string> = Record<Name, TensorInfo>;

/** The kernels that tensor/layer-kernels.ts names for trees. */
export const treeKernels = (kernels: NativeKernels, memory: NativeMemory): Kernels =>
  bindKernels(
    { kernels, memory },
    {
      [treeLeavesKernel]: leaves,
      [treeLeavesGradientKernel]: leavesGradient,
      [childSumKernel]: childSum,
      [childSumGradientKernel]: childSumGradient,
      [takeRowsKernel]: takeRows,
    },
  );

function leaves({ kernels, memory }: Native, { inputs: { gates } }: { inputs: Inputs<'gates'> }): TensorInfo[] {
  const [lanes, nodes, columns] = gates.shape as [number, number, number];
  const hidden = columns / 3;
  const [states, activated] = [memory.allocate([lanes, nodes, 2 * hidden]), memory.allocate(gates.shape)];
  activated.values.set(memory.floats(gates));
  kernels.treeNodes({ nodes: lanes * nodes, arity: 0, hidden, gates: activated.values, states: states.values });
  return [states, activated];
}

function leavesGradient(
  { kernels, memory }: Native,
  { inputs: { states, gates, gradient } }: { inputs: Inputs<'states' | 'gates' | 'gradient'> },
): TensorInfo {
  const [lanes, nodes, columns] = gates.shape as [number, number, number];
  const ofGates = memory.allocate(gates.shape);
  kernels.treeNodesGradient({
    ...{ nodes: lanes * nodes, arity: 0, hidden: columns / 3 },
    ...{ gates: memory.floats(gates), states: memory.floats(states) },
    ...{ gradStates: memory.floats(gradient), gradGates: ofGates.values },
  });
  return ofGates;
}

/** h of each child, [lane, nodes·arity, hidden], and its sum over the children of each node, [lane, nodes, hidden]. */
function hiddensOf({ kernels, memory }: Native, children: TensorInfo, arity: number) {
  const [lanes, count, columns] = children.shape as [number, number, number];
  const hidden = columns / 2;
  const values = memory.floats(children);
  const hiddens = new Float32Array(lanes * count * hidden);
  for (let row = 0; row < lanes * count; row++)
    hiddens.set(values.subarray(row * columns, row * columns + hidden), row * hidden);
  const sums = new Float32Array(hiddens.length / arity);
  kernels.sumRows({ outer: (lanes * count) / arity, rows: arity, inner: hidden, x: hiddens, out: sums });
  return { lanes, count, nodes: count / arity, hidden, hiddens, sums };
}

function childSum(
  native: Native,
  {
    inputs,
    attrs: { arity },
  }: { inputs: Inputs<'children' | 'sum' | 'forget' | 'bias' | 'forgetBias'>; attrs: { arity: number } },
): TensorInfo[] {
  const { kernels, memory } = native;
  const { lanes, count, nodes, hidden, hiddens, sums } = hiddensOf(native, inputs.children, arity);
  const states = memory.allocate([lanes, nodes, 2 * hidden]);
  const [gates, forgets] = [memory.allocate([lanes, nodes, 3 * hidden]), memory.allocate([lanes, count, hidden])];
  const plain = { lanes, lanesA: lanes, lanesB: lanes, k: hidden, transposeA: false, transposeB: false };
  kernels.multiply({
    ...{ ...plain, m: nodes, n: 3 * hidden },
    ...{ a: sums, b: memory.floats(inputs.sum), bias: memory.floats(inputs.bias), c: gates.values },
  });
  kernels.multiply({
    ...{ ...plain, m: count, n: hidden },
    ...{ a: hiddens, b: memory.floats(inputs.forget), bias: memory.floats(inputs.forgetBias), c: forgets.values },
  });
  kernels.treeNodes({
    ...{ nodes: lanes * nodes, arity, hidden, children: memory.floats(inputs.children) },
    ...{ gates: gates.values, forgets: forgets.values, states: states.values },
  });
  return [states, gates, forgets];
}

function childSumGradient(
  native: Native,
  {
    inputs,
    attrs: { arity },
  }: {
    inputs: Inputs<'children' | 'sum' | 'forget' | 'states' | 'gates' | 'forgets' | 'gradient'>;
    attrs: { arity: number };
  },
): TensorInfo[] {
  const { kernels, memory } = native;
  const { lanes, count, nodes, hidden, hiddens, sums } = hiddensOf(native, inputs.children, arity);
  const [ofGates, ofForgets] = [new Float32Array(3 * sums.length), new Float32Array(hiddens.length)];
  const ofChildren = memory.allocate(inputs.children.shape);
  kernels.treeNodesGradient({
    ...{ nodes: lanes * nodes, arity, hidden, children: memory.floats(inputs.children) },
    ...{ gates: memory.floats(inputs.gates), forgets: memory.floats(inputs.forgets) },
    ...{ states: memory.floats(inputs.states), gradStates: memory.floats(inputs.gradient) },
    ...{ gradGates: ofGates, gradForgets: ofForgets, gradChildren: ofChildren.values },
  });
  const each = { lanes, lanesA: lanes, lanesB: lanes };
  const [ofSums, ofHiddens] = [new Float32Array(sums.length), new Float32Array(hiddens.length)];
  const back = { ...each, n: hidden, transposeA: false, transposeB: true };
  kernels.multiply({ ...back, m: nodes, k: 3 * hidden, a: ofGates, b: memory.floats(inputs.sum), c: ofSums });
  kernels.multiply({ ...back, m: count, k: hidden, a: ofForgets, b: memory.floats(inputs.forget), c: ofHiddens });
  for (let row = 0; row < lanes * count; row++) {
    const [from, to] = [Math.floor(row / arity) * hidden, row * 2 * hidden];
    for (let unit = 0; unit < hidden; unit++)
      ofChildren.values[to + unit] = ofHiddens[row * hidden + unit]! + ofSums[from + unit]!;
  }
  const [ofSum, ofForget] = [memory.allocate(inputs.sum.shape), memory.allocate(inputs.forget.shape)];
  const turned = { ...each, m: hidden, transposeA: true, transposeB: false };
  kernels.multiply({ ...turned, k: nodes, n: 3 * hidden, a: sums, b: ofGates, c: ofSum.values });
  kernels.multiply({ ...turned, k: count, n: hidden, a: hiddens, b: ofForgets, c: ofForget.values });
  const [ofBias, ofForgetBias] = [memory.allocate([lanes, 1, 3 * hidden]), memory.allocate([lanes, 1, hidden])];
  kernels.sumRows({ outer: lanes, rows: nodes, inner: 3 * hidden, x: ofGates, out: ofBias.values });
  kernels.sumRows({ outer: lanes, rows: count, inner: hidden, x: ofForgets, out: ofForgetBias.values });
  return [ofChildren, ofSum, ofForget, ofBias, ofForgetBias];
}

function takeRows(
  { kernels, memory }: Native,
  { inputs: { x, places } }: { inputs: Inputs<'x' | 'places'> },
): TensorInfo {
  const [rows, width] = x.shape as [number, number];
  const count = places.shape[0]!;
  const out = memory.allocate([count, width]);
  const [table, ids] = [memory.floats(x), memory.integers(places)];
  kernels.gather({ count, rows, width, table, ids, padded: true, out: out.values });
  return out;
}
