import type { Kernels } from '@unroll/kernels';
import { cells } from '../../nn/cells/cells';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

interface Arguments {
  inputs: Record<string, TensorInfo | undefined>;
  attrs: { cell: string; reverse: boolean; training: boolean; probed: boolean };
}

/** Whether the cell has fused kernels. */
export const isFused = ({ attrs }: Arguments): boolean => cells.get(attrs.cell)?.fused !== undefined;

/** The arguments that both kernels share. */
function common(memory: NativeMemory, { inputs, attrs }: Arguments) {
  const { kernel, bias, valid, state0, state1, output0, projected } = inputs;
  const { fused, gates } = cells.get(attrs.cell)!;
  const [lanes, steps, batch] = (projected ?? output0)!.shape as [number, number, number, number];
  const hidden = kernel!.shape[1]!;
  return {
    cell: fused!,
    lanes,
    steps,
    batch,
    hidden,
    gates,
    reverse: attrs.reverse,
    kernel: memory.floats(kernel!),
    bias: bias && memory.floats(bias),
    valid: memory.mask(valid),
    h0: memory.floats(state0!),
    c0: state1 && memory.floats(state1),
  };
}

/**
 * The kernels named in nn/recurrent-kernels.ts, fused. What is kept for the gradient: the activated gates [lane, time, batch,
 * gates·hidden] (for an rnn without a mask they are the outputs), c for lstm or the recurrent product of n for gru, and with a
 * mask h after each step.
 */
export const recurrentKernels = (kernels: Kernels, memory: NativeMemory) => ({
  forward: (given: Arguments): TensorInfo[] => forward({ kernels, memory }, given),
  backward: (given: Arguments): TensorInfo[] => backward({ kernels, memory }, given),
});

/** What the kernels run with. */
interface Native {
  kernels: Kernels;
  memory: NativeMemory;
}

function forward({ kernels, memory }: Native, given: Arguments): TensorInfo[] {
  const { gates, ...layer } = common(memory, given);
  const { lanes, steps, batch, hidden, valid } = layer;
  const { training } = given.attrs;
  const sequence = [lanes, steps, batch, hidden];
  const [isLstm, isGru] = [gates === 4, gates === 3];
  const outputs = memory.allocate(sequence);
  const states = [0, ...(isLstm ? [1] : [])].map(() => memory.allocate([lanes, batch, hidden]));
  const savesGates = training && (gates > 1 || valid !== undefined);
  const activated = savesGates ? memory.allocate([lanes, steps, batch, gates * hidden]) : undefined;
  const inner = training && (isLstm || isGru) ? memory.allocate(sequence) : undefined;
  const hiddens = training && valid ? memory.allocate(sequence) : undefined;
  kernels.recurrent({
    ...layer,
    projected: memory.floats(given.inputs.projected!),
    outputs: outputs.values,
    hiddens: hiddens?.values ?? (valid ? new Float32Array(outputs.values.length) : outputs.values),
    hT: states[0]!.values,
    cT: states[1]?.values,
    gates: training ? (activated ?? outputs).values : undefined,
    cells: isLstm ? (inner?.values ?? new Float32Array(lanes * batch * hidden)) : undefined,
    products: isGru ? inner?.values : undefined,
  });
  return [outputs, ...states, activated, inner, hiddens].filter((each) => each !== undefined);
}

function backward({ kernels, memory }: Native, given: Arguments): TensorInfo[] {
  const { gates, ...layer } = common(memory, given);
  const { lanes, steps, batch, hidden, valid } = layer;
  const { inputs } = given;
  const [isLstm, isGru] = [gates === 4, gates === 3];
  let next = isLstm ? 3 : 2; // after the outputs and the final states
  const saved = (there: boolean): Float32Array | undefined =>
    there ? memory.floats(inputs[`output${next++}`]!) : undefined;
  const outputs = memory.floats(inputs.output0!);
  const activated = saved(gates > 1 || valid !== undefined) ?? outputs;
  const inner = saved(isLstm || isGru);
  const hiddens = saved(valid !== undefined) ?? outputs;
  const ofProjected = memory.allocate([lanes, steps, batch, gates * hidden]);
  const ofKernel = memory.allocate([lanes, hidden, gates * hidden]);
  const ofStates = [0, ...(isLstm ? [1] : [])].map(() => memory.allocate([lanes, batch, hidden]));
  const ofBias = layer.bias && memory.allocate([lanes, 1, gates * hidden]);
  const ofHiddens = given.attrs.probed ? memory.allocate([lanes, steps, batch, hidden]) : undefined;
  kernels.recurrentGradient({
    ...layer,
    hiddens,
    gates: activated,
    cells: isLstm ? inner : undefined,
    products: isGru ? inner : undefined,
    gradOutputs: memory.floats(inputs.gradient0!),
    gradHT: memory.floats(inputs.gradient1!),
    gradCT: isLstm ? memory.floats(inputs.gradient2!) : undefined,
    gradProjected: ofProjected.values,
    gradKernel: ofKernel.values,
    gradBias: ofBias?.values,
    gradH0: ofStates[0]!.values,
    gradC0: ofStates[1]?.values,
    gradHiddens: ofHiddens?.values,
  });
  return [ofProjected, ofKernel, ...ofStates, ofBias, ofHiddens].filter((each) => each !== undefined);
}
