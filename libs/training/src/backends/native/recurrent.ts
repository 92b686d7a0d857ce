import type { Kernels } from '@unroll/kernels';
import { cells } from '../../nn/cells/cells';
import type { NativeMemory } from './memory';
import { joinLast, splitLast } from './own-parameters';
import type { TensorInfo } from '../../tensor/tfjs';

interface Arguments {
  inputs: Record<string, TensorInfo | undefined>;
  attrs: { cell: string; reverse: boolean; training: boolean; probed: boolean };
}

/** Whether the cell has fused kernels. */
export const isFused = ({ attrs }: Arguments): boolean => cells.get(attrs.cell)?.fused !== undefined;

/** A layer's cell and sizes. */
function measure({ inputs, attrs }: Arguments) {
  const { kernel, projected } = inputs;
  const [lanes, steps, batch] = projected!.shape as [number, number, number];
  return { cell: cells.get(attrs.cell)!, lanes, steps, batch, hidden: kernel!.shape[1]! };
}

type Sizes = ReturnType<typeof measure>;

/** The cell's own parameters. */
const ownOf = ({ inputs }: Arguments, { cell }: Sizes): TensorInfo[] =>
  (cell.own ?? []).map((_, index) => inputs[`own${index}`]!);

/** The arguments that both kernels share. */
function common(memory: NativeMemory, given: Arguments, sizes: Sizes) {
  const { inputs, attrs } = given;
  const { cell, lanes, steps, batch, hidden } = sizes;
  const { kernel, bias, kept, valid, state0, state1 } = inputs;
  const own = ownOf(given, sizes);
  return {
    ...{ cell: cell.fused!, lanes, steps, batch, hidden },
    reverse: attrs.reverse,
    kernel: memory.floats(kernel!),
    bias: bias && memory.floats(bias),
    own: own.length > 0 ? joinLast(memory, own) : undefined,
    kept: kept && memory.floats(kept),
    valid: memory.mask(valid),
    h0: memory.floats(state0!),
    c0: state1 && memory.floats(state1),
  };
}

/** Numbers of a row's statistics where it is normalised. */
const statisticsOfRow = 6;

/**
 * What is kept for the gradient, by the kernels' names, in the order in which it is handed out: the activated gates (for an
 * rnn without a mask they are the outputs), c, recurrent products and statistics where the cell needs them, and with a mask h
 * after each step.
 */
function savedShapes({ cell, lanes, steps, batch, hidden }: Sizes, masked: boolean) {
  const sequence = (width: number): number[] => [lanes, steps, batch, width];
  const shapes = {
    gates: (cell.gates > 1 || masked) && sequence(cell.gates * hidden),
    cells: cell.states > 1 && sequence(hidden),
    products: cell.separateRecurrentBias ? sequence(hidden) : cell.savesProducts && sequence(cell.gates * hidden),
    statistics: cell.savesProducts && sequence(statisticsOfRow),
    hiddens: masked && sequence(hidden),
  };
  return Object.entries(shapes).filter((each): each is [Saved, number[]] => Boolean(each[1]));
}

type Saved = 'gates' | 'cells' | 'products' | 'statistics' | 'hiddens';
type SavedValues = Partial<Record<Saved, Float32Array>>;

/** The kernels named in nn/recurrent-kernels.ts, fused. */
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
  const sizes = measure(given);
  const { cell, lanes, steps, batch, hidden } = sizes;
  const { inputs, attrs } = given;
  const masked = inputs.valid !== undefined;
  const outputs = memory.allocate([lanes, steps, batch, hidden]);
  const states = inputs.state1 ? [0, 1] : [0];
  const final = states.map(() => memory.allocate([lanes, batch, hidden]));
  const saved = (attrs.training ? savedShapes(sizes, masked) : []).map(
    ([name, shape]) => [name, memory.allocate(shape)] as const,
  );
  const values: SavedValues = Object.fromEntries(saved.map(([name, tensor]) => [name, tensor.values]));
  kernels.recurrent({
    ...common(memory, given, sizes),
    ...values,
    projected: memory.floats(inputs.projected!),
    outputs: outputs.values,
    hiddens: values.hiddens ?? (masked ? new Float32Array(outputs.values.length) : outputs.values),
    gates: attrs.training ? (values.gates ?? outputs.values) : undefined,
    cells: values.cells ?? (cell.states > 1 ? new Float32Array(lanes * batch * hidden) : undefined),
    hT: final[0]!.values,
    cT: final[1]?.values,
  });
  return [outputs, ...final, ...saved.map(([, tensor]) => tensor)];
}

function backward({ kernels, memory }: Native, given: Arguments): TensorInfo[] {
  const sizes = measure(given);
  const { inputs, attrs } = given;
  const names = ['projected', 'kernel', 'state0', 'state1', 'bias'] as const;
  const gradients = names.map((name) => inputs[name] && memory.allocate(inputs[name].shape));
  const [ofProjected, ofKernel, ofH0, ofC0, ofBias] = gradients.map((each) => each?.values);
  const own = ownOf(given, sizes);
  const ofOwn =
    own.length > 0 ? new Float32Array(own.reduce((sum, { shape }) => sum + shape[0]! * shape[2]!, 0)) : undefined;
  const ofHiddens = attrs.probed ? memory.allocate(inputs.output0!.shape) : undefined;
  const outputs = memory.floats(inputs.output0!);
  const first = inputs.state1 ? 3 : 2; // after the outputs and the final states
  const saved: SavedValues = Object.fromEntries(
    savedShapes(sizes, inputs.valid !== undefined).map(([name], index) => [
      name,
      memory.floats(inputs[`output${first + index}`]!),
    ]),
  );
  kernels.recurrentGradient({
    ...common(memory, given, sizes),
    ...{ gates: outputs, hiddens: outputs, ...saved },
    projected: memory.floats(inputs.projected!),
    gradOutputs: memory.floats(inputs.gradient0!),
    gradHT: memory.floats(inputs.gradient1!),
    gradCT: inputs.gradient2 && memory.floats(inputs.gradient2),
    gradProjected: ofProjected!,
    gradKernel: ofKernel!,
    gradBias: ofBias,
    gradOwn: ofOwn,
    gradH0: ofH0!,
    gradC0: ofC0,
    gradHiddens: ofHiddens?.values,
  });
  return [...gradients, ...(ofOwn ? splitLast(memory, ofOwn, own) : []), ofHiddens].filter(
    (each) => each !== undefined,
  );
}
