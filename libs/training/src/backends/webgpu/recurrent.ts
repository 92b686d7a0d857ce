import {
  chooseTile,
  gateCounts,
  recurrentGradientShader,
  recurrentShader,
  savedCounts,
  type RecurrentCell,
  type RecurrentLayer,
  type Shader,
} from '@unroll/kernels';
import { sumOfRows } from '../../functional/linear';
import { backendAs, tf, type Tensor } from '../../tensor/tfjs';
import type { Multiply } from './products';
import type { Programs } from './programs';

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

/** A program's output as a tensor of the surrounding tidy. */
const owned = (info: unknown): Tensor =>
  backendAs<{ makeTensorFromTensorInfo(info: unknown): Tensor }>(tf.engine()).makeTensorFromTensorInfo(info);

/** Finds the shaders of a layer. */
class LayerShaders {
  /** By shape, since writing their text takes longer than finding them; undefined for a layer that the device cannot bind. */
  private readonly known = new Map<string, Shaders | undefined>();

  constructor(private readonly programs: Programs) {}

  /** The layer of a kernel's arguments; undefined where no shader serves it. */
  layer({ inputs, attrs }: Arguments): Layer | undefined {
    const { kernel, bias, valid, projected, output0 } = inputs;
    if (!(attrs.cell in gateCounts)) return undefined;
    const [lanes, steps, batch] = (projected ?? output0)!.shape as [number, number, number, number];
    const hidden = kernel!.shape[1]!;
    const bytes = this.programs.limits.maxComputeWorkgroupStorageSize;
    const tile = chooseTile({ hidden, lanes, batch }, { bytes, spread });
    if (!tile) return undefined;
    const shape: RecurrentLayer = {
      ...{ cell: attrs.cell as RecurrentCell, hidden, tile, reverse: attrs.reverse, training: attrs.training },
      ...{ masked: valid !== undefined, biased: bias !== undefined },
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
    // The gradient reads what the forward pass keeps: both are ours, or neither is. The probed one binds most.
    const shaders = programs.fits(forwards) && programs.fits(probed) ? { forwards, backwards, probed } : undefined;
    known.set(key, shaders);
    return shaders;
  }
}

/**
 * The kernels named in nn/recurrent-kernels.ts, fused. Kept for the gradient: the shader's `saved`, and with a mask h after
 * each step. Undefined where no shader serves: for another cell, or for a width that no workgroup can hold.
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

function forward(programs: Programs, layer: Layer, given: Arguments): Tensor[] {
  const { shape, shaders, lanes, steps, batch } = layer;
  const { cell, hidden, tile, training, masked } = shape;
  const sequence = [lanes, steps, batch, hidden];
  const state = [lanes, batch, hidden];
  const { projected, kernel, bias, valid, state0, state1 } = given.inputs;
  return programs
    .run({
      shader: shaders.forwards,
      inputs: [projected, kernel, bias, valid, state0, state1].filter((each) => each !== undefined),
      outputs: [
        sequence,
        state,
        ...(cell === 'lstm' ? [state] : []),
        ...(training ? [[lanes, steps, batch, savedCounts[cell] * hidden]] : []),
        ...(training && masked ? [sequence] : []),
      ],
      numbers: [steps, batch],
      workgroups: [Math.ceil(batch / tile.rows), lanes],
    })
    .map(owned);
}

function backward(programs: Programs, multiply: Multiply, layer: Layer, given: Arguments): Tensor[] {
  const { shape, shaders, lanes, steps, batch } = layer;
  const { cell, hidden, tile, masked, reverse } = shape;
  const probed = given.attrs.probed === true;
  const { inputs } = given;
  const isLstm = cell === 'lstm';
  const isGru = cell === 'gru';
  const first = isLstm ? 3 : 2; // after the outputs and the final states
  const saved = inputs[`output${first}`]!;
  const hiddens = masked ? inputs[`output${first + 1}`]! : inputs.output0!;
  const transposed = tf.transpose(inputs.kernel!, [0, 2, 1]); // [lane, gates·hidden, hidden]
  const gates = gateCounts[cell] * hidden;
  const wide = [lanes, steps, batch, gates];
  const state = [lanes, batch, hidden];
  const produced = programs
    .run({
      shader: probed ? shaders.probed : shaders.backwards,
      inputs: [
        ...[transposed, saved, isGru ? hiddens : undefined, inputs.valid],
        ...[isGru ? inputs.state0 : undefined, isLstm ? inputs.state1 : undefined],
        ...[inputs.gradient0, inputs.gradient1, isLstm ? inputs.gradient2 : undefined],
      ].filter((each) => each !== undefined),
      outputs: [
        ...[wide, ...(isGru ? [wide] : []), state, ...(isLstm ? [state] : [])],
        ...(probed ? [[lanes, steps, batch, hidden]] : []),
      ],
      numbers: [steps, batch],
      workgroups: [Math.ceil(batch / tile.rows), lanes],
    })
    .map(owned);
  const [ofProjected, ...rest] = produced as [Tensor, ...Tensor[]];
  const ofRecurrent = isGru ? rest.shift()! : ofProjected;
  const ofHiddens = probed ? [rest.pop()!] : [];
  const rows = tf.reshape(ofRecurrent, [lanes, steps * batch, gates]);
  // The kernel's gradient is one product over all steps, with h before each: Hᵀ·dZ.
  const after = tf.reshape(hiddens, [lanes, steps * batch, hidden]);
  const before = { first: inputs.state0!, reverse };
  const ofKernel = multiply({ a: after, b: rows, transposeA: true, transposeB: false, before });
  if (!ofKernel) throw new Error(`a recurrent layer of ${lanes} lanes is more than a dispatch can have`);
  return [ofProjected, owned(ofKernel), ...rest, ...(inputs.bias ? [sumOfRows(rows)] : []), ...ofHiddens];
}
