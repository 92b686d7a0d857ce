import {
  gatesOf,
  recurrentGradientShader,
  recurrentShader,
  savedOf,
  tileOf,
  type RecurrentCell,
  type RecurrentShader,
} from '@unroll/kernels';
import { sumOfRows } from '../layers/linear';
import { tf, type Tensor } from './tfjs';
import type { Programs, WebGpuBackend } from './webgpu-programs';

interface Arguments {
  inputs: Record<string, Tensor | undefined>;
  attrs: { cell: string; reverse: boolean; training: boolean; probed?: boolean };
}

/** Workgroups that keep a large GPU busy: more rows a workgroup only beyond that. */
const spread = 128;

/** A tensor that belongs to the surrounding tidy, of what a program gave. */
const owned = (info: unknown): Tensor =>
  (tf.engine() as unknown as { makeTensorFromTensorInfo(info: unknown): Tensor }).makeTensorFromTensorInfo(info);

/**
 * The kernels named in layers/recurrent-kernels.ts, fused. What is kept for the gradient: the shader's `saved`, and with a mask h after each step.
 * Undefined where no shader serves: another cell, or a width that no workgroup can hold.
 */
export function webGpuRecurrent(backend: WebGpuBackend, programs: Programs) {
  function layerOf({
    inputs,
    attrs,
  }: Arguments): (RecurrentShader & { lanes: number; steps: number; batch: number }) | undefined {
    const { kernel, bias, valid, projected, output0 } = inputs;
    if (!(attrs.cell in gatesOf)) return undefined;
    const [lanes, steps, batch] = (projected ?? output0)!.shape as [number, number, number, number];
    const hidden = kernel!.shape[1]!;
    const bytes = backend.device.limits.maxComputeWorkgroupStorageSize!;
    const tile = tileOf({ hidden, lanes, batch }, { bytes, spread });
    if (!tile) return undefined;
    return {
      ...{ cell: attrs.cell as RecurrentCell, hidden, tile, reverse: attrs.reverse, training: attrs.training },
      ...{ masked: valid !== undefined, biased: bias !== undefined, lanes, steps, batch },
    };
  }

  function forward(given: Arguments): Tensor[] | undefined {
    const layer = layerOf(given);
    if (!layer) return undefined;
    const { lanes, steps, batch, ...shape } = layer;
    const { cell, hidden, tile, training, masked } = shape;
    const shader = recurrentShader(shape);
    // The way back reads what this one keeps: both are ours, or neither is.
    if (!programs.fits(shader) || !programs.fits(recurrentGradientShader({ ...shape, probed: true }))) return undefined;
    const sequence = [lanes, steps, batch, hidden];
    const state = [lanes, batch, hidden];
    const { projected, kernel, bias, valid, state0, state1 } = given.inputs;
    return programs
      .run({
        shader,
        inputs: [projected, kernel, bias, valid, state0, state1].filter((each) => each !== undefined),
        outputs: [
          sequence,
          state,
          ...(cell === 'lstm' ? [state] : []),
          ...(training ? [[lanes, steps, batch, savedOf[cell] * hidden]] : []),
          ...(training && masked ? [sequence] : []),
        ],
        numbers: [steps, batch],
        workgroups: [Math.ceil(batch / tile.rows), lanes],
      })
      .map(owned);
  }

  function backward(given: Arguments): Tensor[] | undefined {
    const layer = layerOf(given);
    if (!layer) return undefined;
    const { lanes, steps, batch, ...shape } = layer;
    const { cell, hidden, tile, masked, reverse } = shape;
    const probed = given.attrs.probed === true;
    const shader = recurrentGradientShader({ ...shape, probed });
    if (!programs.fits(recurrentShader(shape)) || !programs.fits(recurrentGradientShader({ ...shape, probed: true })))
      return undefined;
    const { inputs } = given;
    const isLstm = cell === 'lstm';
    const isGru = cell === 'gru';
    const first = isLstm ? 3 : 2; // after the outputs and the final states
    const saved = inputs[`output${first}`]!;
    const hiddens = masked ? inputs[`output${first + 1}`]! : inputs.output0!;
    const transposed = tf.transpose(inputs.kernel!, [0, 2, 1]); // [lane, gates·hidden, hidden]
    const gates = gatesOf[cell] * hidden;
    const wide = [lanes, steps, batch, gates];
    const state = [lanes, batch, hidden];
    const produced = programs
      .run({
        shader,
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
    const start = tf.expandDims(inputs.state0!, 1);
    const others = tf.slice(hiddens, [0, reverse ? 1 : 0, 0, 0], [lanes, steps - 1, batch, hidden]);
    const before = steps === 1 ? start : tf.concat(reverse ? [others, start] : [start, others], 1);
    const ofKernel = tf.matMul(tf.reshape(before, [lanes, steps * batch, hidden]), rows, true, false);
    return [ofProjected, ofKernel, ...rest, ...(inputs.bias ? [sumOfRows(rows)] : []), ...ofHiddens];
  }

  return { forward, backward };
}
