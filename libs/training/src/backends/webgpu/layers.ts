import {
  columnsOfNorm,
  layerNormGradientShader,
  layerNormShader,
  linearGradientCut,
  linearGradientShader,
  rowsHeld,
  rowsOfAttention,
  selfAttentionGradientShader,
  selfAttentionShader,
  tanhGradientShader,
  type AttentionHead,
} from '@unroll/kernels';
import {
  layerNormGradientKernel,
  layerNormKernel,
  linearGradientKernel,
  selfAttentionGradientKernel,
  selfAttentionKernel,
  tanhGradientKernel,
} from '../../tensor/layer-kernels';
import type { Tensor, TensorInfo } from '../../tensor/tfjs';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import { addedUp } from './products';
import { over, type Programs } from './programs';

type Inputs<Name extends string, Other extends string = never> = Record<Name, Tensor> & Partial<Record<Other, Tensor>>;

/** The kernels that tensor/layer-kernels.ts names for linear layers and for those of a transformer. */
export const webGpuLayers = (programs: Programs): Kernels =>
  bindKernels(programs, {
    [linearGradientKernel]: linearGradient,
    [tanhGradientKernel]: tanhGradient,
    [layerNormKernel]: layerNorm,
    [layerNormGradientKernel]: layerNormGradient,
    [selfAttentionKernel]: selfAttention,
    [selfAttentionGradientKernel]: selfAttentionGradient,
  });

function linearGradient(
  programs: Programs,
  { inputs, attrs }: { inputs: Inputs<'x' | 'weight' | 'gradient'>; attrs: { gated: boolean } },
): TensorInfo[] {
  const { x, weight, gradient } = inputs;
  const [lanes, rows, columns] = x.shape as [number, number, number];
  const outputs = weight.shape[2]!;
  const { tile, groups, parts, stretch } = linearGradientCut(rows, columns, outputs);
  const [ofX, ofWeight, ofBias] = programs.run({
    shader: linearGradientShader(tile, attrs.gated, programs.half),
    inputs: [x, weight, gradient],
    outputs: [x.shape, parts === 1 ? weight.shape : [lanes, parts, columns, outputs], [lanes, 1, outputs]],
    numbers: [rows, columns, outputs, parts, stretch, groups.x, groups.weight],
    workgroups: [groups.x + groups.weight + groups.bias, lanes],
  });
  const whole = { lanes, parts, count: columns * outputs, n: outputs, shape: weight.shape };
  return [ofX!, parts === 1 ? ofWeight! : addedUp(programs, ofWeight!, whole), ofBias!];
}

function tanhGradient(programs: Programs, { inputs }: { inputs: Inputs<'y' | 'gradient'> }): TensorInfo {
  const { y, gradient } = inputs;
  const { across, workgroups } = over(Math.ceil(y.size / 256));
  const [out] = programs.run({
    shader: tanhGradientShader,
    inputs: [y, gradient],
    outputs: [y.shape],
    numbers: [y.size, across],
    workgroups,
  });
  return out!;
}

function layerNorm(programs: Programs, { inputs }: { inputs: Inputs<'x' | 'gain', 'shift'> }): TensorInfo[] {
  const { x, gain, shift } = inputs;
  const [lanes, rows, width] = x.shape as [number, number, number];
  const { across, workgroups } = over(lanes * rows);
  return programs.run({
    shader: layerNormShader(shift !== undefined),
    inputs: [x, gain, ...(shift ? [shift] : [])],
    outputs: [x.shape, [lanes, rows, 2]],
    numbers: [lanes * rows, width, rows, across],
    workgroups,
  });
}

function layerNormGradient(
  programs: Programs,
  { inputs }: { inputs: Inputs<'x' | 'gain' | 'moments' | 'gradient', 'added'> },
): TensorInfo[] {
  const { x, gain, moments, gradient, added } = inputs;
  const [lanes, rows, width] = x.shape as [number, number, number];
  const chunks = Math.ceil(width / columnsOfNorm);
  const { across, workgroups } = over(lanes * (rows + chunks));
  return programs.run({
    shader: layerNormGradientShader(added !== undefined),
    inputs: [x, gain, moments, gradient, ...(added ? [added] : [])],
    outputs: [x.shape, gain.shape, gain.shape],
    numbers: [lanes * rows, width, rows, lanes, chunks, across],
    workgroups,
  });
}

type Three = Inputs<'three', 'valid'>;

/** How both kernels of attention are cut up. */
function attentionOf({ limits }: Programs, { three, valid }: Three, heads: number) {
  const [lanes, steps, batch, columns] = three.shape as [number, number, number, number];
  const size = columns / 3 / heads;
  const rows = rowsHeld(size, limits.maxComputeWorkgroupStorageSize);
  const head: AttentionHead = { size, masked: valid !== undefined, rows };
  const blocks = Math.ceil(steps / rowsOfAttention);
  const items = lanes * batch * heads * blocks;
  return { head, items, shape: [lanes, steps, batch] as const, numbers: [steps, batch, heads, blocks, items] };
}

function selfAttention(
  programs: Programs,
  { inputs, attrs: { heads } }: { inputs: Three; attrs: { heads: number } },
): TensorInfo[] {
  const { head, items, shape, numbers } = attentionOf(programs, inputs, heads);
  const [lanes, steps, batch] = shape;
  const { across, workgroups } = over(items);
  return programs.run({
    shader: selfAttentionShader(head),
    inputs: [inputs.three, ...(inputs.valid ? [inputs.valid] : [])],
    outputs: [
      [...shape, heads * head.size],
      [lanes, batch, heads, steps, 2],
    ],
    numbers: [...numbers, across],
    workgroups,
  });
}

function selfAttentionGradient(
  programs: Programs,
  { inputs, attrs: { heads } }: { inputs: Three & Inputs<'output' | 'moments' | 'gradient'>; attrs: { heads: number } },
): TensorInfo {
  const { head, items, numbers } = attentionOf(programs, inputs, heads);
  const { three, output, moments, gradient, valid } = inputs;
  const { across, workgroups } = over(2 * items);
  const [ofThree] = programs.run({
    shader: selfAttentionGradientShader(head),
    inputs: [three, output, moments, gradient, ...(valid ? [valid] : [])],
    outputs: [three.shape],
    numbers: [...numbers, across],
    workgroups,
  });
  return ofThree!;
}
