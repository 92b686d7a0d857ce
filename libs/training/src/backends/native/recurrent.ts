import type { Kernels } from '@unroll/kernels';
import { cells } from '../../nn/cells/cells';
import type { NativeMemory } from './memory';
import { joinLast, splitLast } from './own-parameters';
import { tf, type TensorInfo } from '../../tensor/tfjs';

interface Arguments {
  inputs: Record<string, TensorInfo | undefined>;
  attrs: { cell: string; reverse: boolean; training: boolean; probed: boolean; overwrites?: boolean };
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

/** What is given for each state, under names that end in its number, from `first` on. */
const numbered = (inputs: Arguments['inputs'], name: string, { cell }: Sizes, first = 0): TensorInfo[] =>
  Array.from({ length: cell.states }, (_, state) => inputs[`${name}${first + state}`]!);

/** The values of tensors [lane, rows, width] as the kernels read them, side by side; undefined for none. */
const sideBySide = (memory: NativeMemory, tensors: readonly TensorInfo[]): Float32Array | undefined =>
  tensors.length > 1 ? joinLast(memory, tensors) : tensors[0] && memory.floats(tensors[0]);

/** Room for what the kernels write side by side, and how to take it apart again into tensors of the shapes of `like`. */
function apart(memory: NativeMemory, like: readonly TensorInfo[]): { values?: Float32Array; tensors(): TensorInfo[] } {
  const [only] = like;
  if (!only) return { tensors: () => [] };
  if (like.length === 1) {
    const tensor = memory.allocate(only.shape);
    return { values: tensor.values, tensors: () => [tensor] };
  }
  const values = new Float32Array(like.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0));
  return { values, tensors: () => splitLast(memory, values, like) };
}

/** The arguments that both kernels share. */
function common(memory: NativeMemory, given: Arguments, sizes: Sizes) {
  const { inputs, attrs } = given;
  const { cell, lanes, steps, batch, hidden } = sizes;
  const { kernel, bias, kept, valid, state0 } = inputs;
  const own = ownOf(given, sizes);
  return {
    ...{ cell: cell.fused!, lanes, steps, batch, hidden },
    reverse: attrs.reverse,
    kernel: memory.floats(kernel!),
    bias: bias && memory.floats(bias),
    own: sideBySide(memory, own),
    kept: kept && memory.floats(kept),
    valid: memory.mask(valid),
    h0: memory.floats(state0!),
    c0: sideBySide(memory, numbered(inputs, 'state', sizes).slice(1)),
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
    cells: cell.states > 1 && sequence((cell.states - 1) * hidden),
    products: cell.separateRecurrentBias ? sequence(hidden) : cell.savesProducts && sequence(cell.gates * hidden),
    statistics: cell.savesProducts && sequence(statisticsOfRow),
    hiddens: masked && sequence(hidden),
  };
  return Object.entries(shapes).filter((each): each is [Saved, number[]] => Boolean(each[1]));
}

type Saved = 'gates' | 'cells' | 'products' | 'statistics' | 'hiddens';
type SavedValues = Partial<Record<Saved, Float32Array>>;

/**
 * A tensor that may be written over where a step reads and writes the same places, which are in the caches then; undefined for none. Not
 * where sums are normalised, whose gradient reads them again.
 */
const overwritten = (memory: NativeMemory, tensor: TensorInfo | undefined, { attrs }: Arguments, { cell }: Sizes) =>
  tensor && attrs.overwrites && !cell.savesProducts && memory.isOwn(tensor) ? tensor : undefined;

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
  const { lanes, steps, batch, hidden } = sizes;
  const { inputs, attrs } = given;
  const masked = inputs.valid !== undefined;
  const room = attrs.training ? overwritten(memory, inputs.projected, given, sizes) : undefined;
  const [shape, shapes] = [[lanes, steps, batch, hidden], attrs.training ? savedShapes(sizes, masked) : []];
  const keepsGates = shapes.some(([name]) => name === 'gates');
  const outputs = room && !keepsGates ? memory.share(room, shape) : memory.allocate(shape);
  const states = numbered(inputs, 'state', sizes);
  const last = memory.allocate(states[0]!.shape);
  const others = apart(memory, states.slice(1));
  const saved = shapes.map(
    ([name, own]) => [name, room && name === 'gates' ? memory.share(room, own) : memory.allocate(own)] as const,
  );
  const values: SavedValues = Object.fromEntries(saved.map(([name, tensor]) => [name, tensor.values]));
  kernels.recurrent({
    ...common(memory, given, sizes),
    ...values,
    projected: memory.floats(inputs.projected!),
    outputs: outputs.values,
    hiddens: values.hiddens ?? (masked ? new Float32Array(outputs.values.length) : outputs.values),
    gates: attrs.training ? (values.gates ?? outputs.values) : undefined,
    cells: values.cells ?? (others.values && new Float32Array(others.values.length)),
    hT: last.values,
    cT: others.values,
  });
  return [outputs, last, ...others.tensors(), ...saved.map(([, tensor]) => tensor)];
}

function backward({ kernels, memory }: Native, given: Arguments): TensorInfo[] {
  const sizes = measure(given);
  const { inputs, attrs } = given;
  const [ofKernel, ofH0, ofBias] = (['kernel', 'state0', 'bias'] as const).map(
    (name) => inputs[name] && memory.allocate(inputs[name].shape),
  );
  const others = apart(memory, numbered(inputs, 'state', sizes).slice(1));
  const own = apart(memory, ownOf(given, sizes));
  const ofHiddens = attrs.probed ? memory.allocate(inputs.output0!.shape) : undefined;
  const outputs = memory.floats(inputs.output0!);
  const first = 1 + sizes.cell.states; // after the outputs and the final states
  const tensors = savedShapes(sizes, inputs.valid !== undefined).map(
    ([name], index) => [name, inputs[`output${first + index}`]!] as const,
  );
  const saved: SavedValues = Object.fromEntries(tensors.map(([name, tensor]) => [name, memory.floats(tensor)]));
  const room = overwritten(memory, tensors.find(([name]) => name === 'gates')?.[1], given, sizes);
  const { shape } = inputs.projected!;
  const ofProjected = room ? memory.share(room, shape) : memory.allocate(shape);
  kernels.recurrentGradient({
    ...common(memory, given, sizes),
    ...{ gates: outputs, hiddens: outputs, ...saved },
    projected: memory.floats(inputs.projected!),
    gradOutputs: memory.floats(inputs.gradient0!),
    gradHT: memory.floats(inputs.gradient1!),
    gradCT: sideBySide(memory, numbered(inputs, 'gradient', sizes, 1).slice(1)),
    gradProjected: ofProjected.values,
    gradKernel: ofKernel!.values,
    gradBias: ofBias?.values,
    gradOwn: own.values,
    gradH0: ofH0!.values,
    gradC0: others.values,
    gradHiddens: ofHiddens?.values,
  });
  return [ofProjected, ofKernel, ofH0, ...others.tensors(), ofBias, ...own.tensors(), ofHiddens].filter(
    (each) => each !== undefined,
  );
}
