import {
  cellStates,
  chooseTile,
  gateCounts,
  hasCellState,
  isNormalised,
  ownCounts,
  packShader,
  recurrentGradientShader,
  recurrentShader,
  savedOfRow,
  type RecurrentCell,
  type RecurrentLayer,
  type Shader,
} from '@unroll/kernels';
import { sumOfRows } from '../../functional/linear';
import { tf, type Tensor, type TensorInfo } from '../../tensor/tfjs';
import { normalised, ownGradients } from './own-gradients';
import type { Multiply } from './products';
import { over, owned, type Programs } from './programs';

interface Arguments {
  inputs: Record<string, Tensor | undefined>;
  attrs: { cell: string; reverse: boolean; training: boolean; probed?: boolean };
}

type Shaders = Record<'forwards' | 'backwards' | 'probed', Shader>;

interface Layer {
  shape: RecurrentLayer;
  shaders: Shaders;
  lanes: number;
  steps: number;
  batch: number;
}

/** Workgroups that keep a large GPU busy: only beyond that does a workgroup get more rows. */
const spread = 128;

/** The cell's own parameters. */
const ownOf = ({ inputs }: Arguments): Tensor[] =>
  Object.keys(inputs)
    .filter((name) => /^own\d+$/.test(name))
    .map((_, index) => inputs[`own${index}`]!);

/** What is given for the numbers of c, from `first` on, as the shaders read it; undefined for a cell without c. */
function sideBySide({ shape }: Layer, { inputs }: Arguments, name: string, first: number): Tensor | undefined {
  const all = Array.from({ length: cellStates(shape.cell) }, (_, index) => inputs[`${name}${first + index}`]!);
  return all.length > 1 ? tf.concat(all, 2) : all[0];
}

/** Finds the shaders of a layer. */
class LayerShaders {
  /** By shape, since writing their text takes longer than finding them; undefined for a layer that the device cannot bind. */
  private readonly known = new Map<string, Shaders | undefined>();

  constructor(private readonly programs: Programs) {}

  /** The layer of a kernel's arguments; undefined where no shader serves it. */
  layer({ inputs, attrs }: Arguments): Layer | undefined {
    const { kernel, bias, valid, kept, projected } = inputs;
    if (!(attrs.cell in gateCounts)) return undefined;
    const cell = attrs.cell as RecurrentCell;
    const [lanes, steps, batch] = projected!.shape as [number, number, number, number];
    const hidden = kernel!.shape[1]!;
    const bytes = this.programs.limits.maxComputeWorkgroupStorageSize;
    const { half } = this.programs;
    const tile = chooseTile({ cell, hidden, lanes, batch, half }, { bytes, spread });
    if (!tile) return undefined;
    const shape: RecurrentLayer = {
      ...{ cell, hidden, tile, reverse: attrs.reverse, training: attrs.training },
      ...{ masked: valid !== undefined, biased: bias !== undefined, dropped: kept !== undefined },
      ...(half ? { half } : {}),
    };
    const shaders = this.shaders(shape);
    return shaders && { shape, shaders, lanes, steps, batch };
  }

  private shaders(shape: RecurrentLayer): Shaders | undefined {
    const { known, programs } = this;
    const key = JSON.stringify(shape);
    if (known.has(key)) return known.get(key);
    const [forwards, backwards, probed] = [
      recurrentShader(shape),
      recurrentGradientShader({ ...shape, probed: false }),
      recurrentGradientShader({ ...shape, probed: true }),
    ];
    // The gradient reads what the forward pass keeps: both are ours, or neither is. The probed one binds most; nothing is
    // dropped in a layer that is probed.
    const most = shape.dropped ? backwards : probed;
    const shaders = programs.fits(forwards) && programs.fits(most) ? { forwards, backwards, probed } : undefined;
    known.set(key, shaders);
    return shaders;
  }
}

/**
 * The kernels named in nn/recurrent-kernels.ts, fused. Kept for the gradient: the shader's `saved`, with a mask h after each
 * step, and with layer normalisation the statistics of x·W. Undefined where no shader serves: for another cell, or for a width
 * that no workgroup can hold.
 */
export function webGpuRecurrent(programs: Programs, multiply: Multiply) {
  const shaders = new LayerShaders(programs);
  return {
    forward: (given: Arguments): Tensor[] | undefined => {
      const layer = shaders.layer(given);
      return layer && forward(programs, layer, given);
    },
    backward: (given: Arguments): Tensor[] | undefined => {
      const layer = shaders.layer(given);
      return layer && backward(programs, multiply, layer, given);
    },
  };
}

/** The recurrent weights of all lanes, rounded to float16 four rows by four, or columns where `transposed`. The caller's. */
function packed(programs: Programs, kernel: Tensor, transposed = false): TensorInfo {
  const [lanes, rows, columns] = kernel.shape as [number, number, number];
  const [k, n] = transposed ? [columns, rows] : [rows, columns];
  const fours = (k / 4) * n;
  const { across, workgroups } = over(Math.ceil((lanes * fours) / 256));
  const [out] = programs.run({
    shader: packShader,
    inputs: [kernel],
    // Two of float16 in the place of one number.
    outputs: [[lanes, rows, columns / 2]],
    numbers: [lanes * fours, fours, n, ...(transposed ? [1, columns] : [columns, 1]), across],
    workgroups,
  });
  return out!;
}

function forward(programs: Programs, layer: Layer, given: Arguments): Tensor[] {
  const { shape, shaders, lanes, steps, batch } = layer;
  const { cell, hidden, tile, training, masked } = shape;
  const sequence = [lanes, steps, batch, hidden];
  const state = [lanes, batch, hidden];
  const { projected, kernel, bias, valid, kept, state0 } = given.inputs;
  const own = ownCounts[cell] ? tf.concat(ownOf(given), 2) : undefined;
  const [read, ...statistics] = isNormalised(cell) ? normalised(programs, projected!, own!).map(owned) : [projected!];
  const weights = programs.half ? owned(packed(programs, kernel!)) : kernel;
  const produced = programs
    .run({
      shader: shaders.forwards,
      inputs: [read, weights, bias, own, valid, kept, state0, sideBySide(layer, given, 'state', 1)].filter(
        (each) => each !== undefined,
      ),
      outputs: [
        sequence,
        state,
        ...(hasCellState(cell) ? [[lanes, batch, cellStates(cell) * hidden]] : []),
        ...(training ? [[lanes, steps, batch, savedOfRow(cell, hidden)]] : []),
        ...(training && masked ? [sequence] : []),
      ],
      numbers: [steps, batch],
      workgroups: [Math.ceil(batch / tile.rows), lanes],
    })
    .map(owned);
  if (cellStates(cell) > 1) produced.splice(2, 1, ...tf.split(produced[2]!, cellStates(cell), 2));
  return training ? [...produced, ...(own ? [own] : []), ...statistics] : produced;
}

function backward(programs: Programs, multiply: Multiply, layer: Layer, given: Arguments): Tensor[] {
  const { shape, lanes, steps, batch } = layer;
  const { cell, hidden, masked, reverse } = shape;
  const { inputs, attrs } = given;
  const { projected, kept, state0, state1, bias } = inputs;
  const first = 2 + cellStates(cell); // after the outputs and the final states
  const saved = inputs[`output${first}`]!;
  const hiddens = masked ? inputs[`output${first + 1}`]! : inputs.output0!;
  const own = ownCounts[cell] ? inputs[`output${first + (masked ? 2 : 1)}`]! : undefined;
  const statistics = inputs[`output${first + (masked ? 3 : 2)}`];
  const [ofSums, ...rest] = throughSteps(programs, layer, given, { saved, hiddens, own }) as [Tensor, ...Tensor[]];
  const ofRecurrent = cell === 'gru' || isNormalised(cell) ? rest.shift()! : ofSums;
  const ofHiddens = attrs.probed ? [rest.pop()!] : [];
  const parameters = ownOf(given);
  const ofOwn =
    own &&
    ownGradients(programs, shape, {
      ...{ sums: ofSums, saved, parameters, own, projected: projected!, state1: state1!, statistics },
    });
  const rows = tf.reshape(ofRecurrent, [lanes, steps * batch, gateCounts[cell] * hidden]);
  // The kernel's gradient is one product over all steps, with h before each as the gates saw it: Hᵀ·dZ.
  const seen = kept ? tf.mul(hiddens, tf.expandDims(kept, 1)) : hiddens;
  const after = tf.reshape(seen, [lanes, steps * batch, hidden]);
  const before = { first: kept ? tf.mul(state0!, kept) : state0!, reverse };
  const ofKernel = multiply({ a: after, b: rows, transposeA: true, transposeB: false, before });
  if (!ofKernel) throw new Error(`a recurrent layer of ${lanes} lanes is more than a dispatch can have`);
  return [
    ...[ofOwn?.input ? owned(ofOwn.input) : ofSums, owned(ofKernel), ...rest],
    ...[...(bias ? [sumOfRows(rows)] : []), ...(ofOwn?.own.map(owned) ?? []), ...ofHiddens],
  ];
}

/** What the gradient shader computes, from the last step to the first. */
function throughSteps(
  programs: Programs,
  layer: Layer,
  given: Arguments,
  { saved, hiddens, own }: { saved: Tensor; hiddens: Tensor; own: Tensor | undefined },
): Tensor[] {
  const { shape, shaders, lanes, steps, batch } = layer;
  const { inputs, attrs } = given;
  const { cell, hidden, tile } = shape;
  const [hasC, isGru, isNormal] = [hasCellState(cell), cell === 'gru', isNormalised(cell)];
  const transposed = programs.half
    ? owned(packed(programs, inputs.kernel!, true))
    : tf.transpose(inputs.kernel!, [0, 2, 1]); // [lane, gates·hidden, hidden]
  const wide = [lanes, steps, batch, gateCounts[cell] * hidden];
  const state = [lanes, batch, hidden];
  const produced = programs
    .run({
      shader: attrs.probed ? shaders.probed : shaders.backwards,
      inputs: [
        ...[transposed, saved, isGru ? hiddens : undefined, own],
        ...[isNormal ? undefined : inputs.valid, inputs.kept, isGru ? inputs.state0 : undefined],
        ...[sideBySide(layer, given, 'state', 1), inputs.gradient0, inputs.gradient1],
        sideBySide(layer, given, 'gradient', 2),
      ].filter((each) => each !== undefined),
      outputs: [
        isNormal ? [lanes, steps, batch, 5 * hidden] : wide,
        ...(isGru || isNormal ? [wide] : []),
        ...[state, ...(hasC ? [[lanes, batch, cellStates(cell) * hidden]] : [])],
        ...(attrs.probed ? [[lanes, steps, batch, hidden]] : []),
      ],
      numbers: [steps, batch],
      workgroups: [Math.ceil(batch / tile.rows), lanes],
    })
    .map(owned);
  const at = isGru || isNormal ? 3 : 2;
  if (cellStates(cell) > 1) produced.splice(at, 1, ...tf.split(produced[at]!, cellStates(cell), 2));
  return produced;
}
