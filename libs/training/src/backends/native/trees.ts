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
  kernels.treeNodes({ lanes, nodes, arity: 0, hidden, gates: activated.values, states: states.values });
  return [states, activated];
}

function leavesGradient(
  { kernels, memory }: Native,
  { inputs: { states, gates, gradient } }: { inputs: Inputs<'states' | 'gates' | 'gradient'> },
): TensorInfo {
  const [lanes, nodes, columns] = gates.shape as [number, number, number];
  const ofGates = memory.allocate(gates.shape);
  kernels.treeNodesGradient({
    ...{ lanes, nodes, arity: 0, hidden: columns / 3 },
    ...{ gates: memory.floats(gates), states: memory.floats(states) },
    ...{ gradStates: memory.floats(gradient), gradGates: ofGates.values },
  });
  return ofGates;
}

/** What both directions of a level share. */
function levelOf(
  memory: NativeMemory,
  { children, sum, forget }: Inputs<'children' | 'sum' | 'forget'>,
  arity: number,
) {
  const [lanes, count, columns] = children.shape as [number, number, number];
  return {
    ...{ lanes, nodes: count / arity, arity, hidden: columns / 2 },
    ...{ children: memory.floats(children), sum: memory.floats(sum), forget: memory.floats(forget) },
  };
}

function childSum(
  { kernels, memory }: Native,
  {
    inputs,
    attrs: { arity },
  }: { inputs: Inputs<'children' | 'sum' | 'forget' | 'bias' | 'forgetBias'>; attrs: { arity: number } },
): TensorInfo[] {
  const level = levelOf(memory, inputs, arity);
  const { lanes, nodes, hidden } = level;
  const [states, gates] = [2, 3].map((blocks) => memory.allocate([lanes, nodes, blocks * hidden]));
  const forgets = memory.allocate([lanes, nodes * arity, hidden]);
  kernels.treeNodes({
    ...{ ...level, bias: memory.floats(inputs.bias), forgetBias: memory.floats(inputs.forgetBias) },
    ...{ gates: gates!.values, forgets: forgets.values, states: states!.values },
  });
  return [states!, gates!, forgets];
}

function childSumGradient(
  { kernels, memory }: Native,
  {
    inputs,
    attrs: { arity },
  }: {
    inputs: Inputs<'children' | 'sum' | 'forget' | 'states' | 'gates' | 'forgets' | 'gradient'>;
    attrs: { arity: number };
  },
): TensorInfo[] {
  const level = levelOf(memory, inputs, arity);
  const { lanes, hidden } = level;
  const { children, sum, forget } = inputs;
  const [ofChildren, ofSum, ofForget] = [children, sum, forget].map(({ shape }) => memory.allocate(shape));
  const [ofBias, ofForgetBias] = [3, 1].map((blocks) => memory.allocate([lanes, 1, blocks * hidden]));
  kernels.treeNodesGradient({
    ...{ ...level, gates: memory.floats(inputs.gates), forgets: memory.floats(inputs.forgets) },
    ...{ states: memory.floats(inputs.states), gradStates: memory.floats(inputs.gradient) },
    ...{ gradChildren: ofChildren!.values, gradSum: ofSum!.values, gradForget: ofForget!.values },
    ...{ gradBias: ofBias!.values, gradForgetBias: ofForgetBias!.values },
  });
  return [ofChildren!, ofSum!, ofForget!, ofBias!, ofForgetBias!];
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
