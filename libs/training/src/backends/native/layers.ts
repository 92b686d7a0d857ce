import type { Kernels as NativeKernels } from '@unroll/kernels';
import {
  layerNormGradientKernel,
  layerNormKernel,
  linearGradientKernel,
  tanhGradientKernel,
  selfAttentionGradientKernel,
  selfAttentionKernel,
  attentionGradientKernel,
  attentionKernel,
} from '../../tensor/layer-kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import type { TensorInfo } from '../../tensor/tfjs';

type Inputs<Name extends string, Other extends string = never> = Record<Name, TensorInfo> &
  Partial<Record<Other, TensorInfo>>;

/** What the kernels run with. */
interface Native {
  kernels: NativeKernels;
  memory: NativeMemory;
}

/** The kernels that tensor/layer-kernels.ts names for layers that are no trees. */
export const layerKernels = (kernels: NativeKernels, memory: NativeMemory): Kernels =>
  bindKernels(
    { kernels, memory },
    {
      [linearGradientKernel]: linearGradient,
      [tanhGradientKernel]: tanhGradient,
      [layerNormKernel]: layerNorm,
      [layerNormGradientKernel]: layerNormGradient,
      [selfAttentionKernel]: selfAttention,
      [selfAttentionGradientKernel]: selfAttentionGradient,
      [attentionKernel]: attention,
      [attentionGradientKernel]: attentionGradient,
    },
  );

function linearGradient(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Inputs<'x' | 'weight' | 'gradient'>; attrs: { gated: boolean } },
): TensorInfo[] {
  const { x, weight, gradient } = inputs;
  const [lanes, rows, columns] = x.shape as [number, number, number];
  const outputs = weight.shape[2]!;
  const [read, arriving] = [memory.floats(x), memory.floats(gradient)];
  const each = { lanes, lanesA: lanes, lanesB: lanes };
  const [ofX, ofWeight] = [memory.allocate(x.shape), memory.allocate(weight.shape)];
  const ofBias = memory.allocate([lanes, 1, outputs]);
  kernels.multiply({
    ...{ ...each, a: arriving, b: memory.floats(weight), c: ofX.values, gate: attrs.gated ? read : undefined },
    ...{ m: rows, n: columns, k: outputs, transposeA: false, transposeB: true },
  });
  kernels.multiply({
    ...{ ...each, a: read, b: arriving, c: ofWeight.values, columnSums: ofBias.values },
    ...{ m: columns, n: outputs, k: rows, transposeA: true, transposeB: false },
  });
  return [ofX, ofWeight, ofBias];
}

function tanhGradient({ kernels, memory }: Native, { inputs }: { inputs: Inputs<'y' | 'gradient'> }): TensorInfo {
  const [y, gradient] = [memory.floats(inputs.y), memory.floats(inputs.gradient)];
  const out = memory.allocate(inputs.y.shape);
  kernels.tanhGradient({ count: y.length, y, gradient, out: out.values });
  return out;
}

function layerNorm({ kernels, memory }: Native, { inputs }: { inputs: Inputs<'x' | 'gain', 'shift'> }): TensorInfo[] {
  const { x, gain, shift } = inputs;
  const [lanes, rows, width] = x.shape as [number, number, number];
  const [out, moments] = [memory.allocate(x.shape), memory.allocate([lanes, rows, 2])];
  kernels.layerNorm({
    ...{ lanes, rows, width, x: memory.floats(x), gain: memory.floats(gain), shift: shift && memory.floats(shift) },
    ...{ out: out.values, moments: moments.values },
  });
  return [out, moments];
}

function layerNormGradient(
  { kernels, memory }: Native,
  { inputs }: { inputs: Inputs<'x' | 'gain' | 'moments' | 'gradient', 'added'> },
): TensorInfo[] {
  const { x, gain, moments, gradient, added } = inputs;
  const [lanes, rows, width] = x.shape as [number, number, number];
  const [ofX, ofGain, ofShift] = [x.shape, gain.shape, gain.shape].map((shape) => memory.allocate(shape));
  kernels.layerNormGradient({
    ...{ lanes, rows, width, x: memory.floats(x), gain: memory.floats(gain), moments: memory.floats(moments) },
    ...{ gradOut: memory.floats(gradient), added: added && memory.floats(added) },
    ...{ gradX: ofX!.values, gradGain: ofGain!.values, gradShift: ofShift!.values },
  });
  return [ofX!, ofGain!, ofShift!];
}

type Three = Inputs<'three', 'valid'>;

function selfAttentionShape(memory: NativeMemory, { three, valid }: Three, heads: number) {
  const [lanes, steps, batch, columns] = three.shape as [number, number, number, number];
  return {
    ...{ lanes, steps, batch, heads, size: columns / 3 / heads },
    ...{ three: memory.floats(three), valid: memory.mask(valid) },
  };
}

function selfAttention(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Three; attrs: { heads: number } },
): TensorInfo[] {
  const shape = selfAttentionShape(memory, inputs, attrs.heads);
  const { lanes, steps, batch, heads, size } = shape;
  const out = memory.allocate([lanes, steps, batch, heads * size]);
  const moments = memory.allocate([lanes, batch, heads, steps, 2]);
  kernels.selfAttention({ ...shape, out: out.values, moments: moments.values });
  return [out, moments];
}

function selfAttentionGradient(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Three & Inputs<'output' | 'moments' | 'gradient'>; attrs: { heads: number } },
): TensorInfo {
  const ofThree = memory.allocate(inputs.three.shape);
  kernels.selfAttentionGradient({
    ...selfAttentionShape(memory, inputs, attrs.heads),
    ...{ out: memory.floats(inputs.output), moments: memory.floats(inputs.moments) },
    ...{ gradOut: memory.floats(inputs.gradient), gradThree: ofThree.values },
  });
  return ofThree;
}

type Asked = Inputs<'queries' | 'keys' | 'values', 'valid' | 'score'>;

function attentionShape(memory: NativeMemory, { queries, keys, values, valid, score }: Asked) {
  const [sequences, queryCount, units] = queries.shape as [number, number, number];
  const [, keyCount, width] = values.shape as [number, number, number];
  return {
    ...{ lanes: score ? score.shape[0]! : 1, sequences, queryCount, keyCount, units, width },
    ...{ queries: memory.floats(queries), keys: memory.floats(keys), values: memory.floats(values) },
    ...{ valid: memory.mask(valid), score: score && memory.floats(score) },
  };
}

function attention({ kernels, memory }: Native, { inputs }: { inputs: Asked }): TensorInfo[] {
  const shape = attentionShape(memory, inputs);
  const { sequences, queryCount, keyCount, width } = shape;
  const [out, weights, moments] = [width, keyCount, 2].map((last) => memory.allocate([sequences, queryCount, last]));
  kernels.attention({ ...shape, out: out!.values, weights: weights!.values, moments: moments!.values });
  return [out!, weights!, moments!];
}

function attentionGradient(
  { kernels, memory }: Native,
  { inputs }: { inputs: Asked & Inputs<'output' | 'moments' | 'gradient'> },
): TensorInfo[] {
  const { queries, keys, values, score, output, moments, gradient } = inputs;
  const [ofQueries, ofKeys, ofValues] = [queries, keys, values].map(({ shape }) => memory.allocate(shape));
  const ofScore = score && memory.allocate(score.shape);
  kernels.attentionGradient({
    ...attentionShape(memory, inputs),
    ...{ out: memory.floats(output), moments: memory.floats(moments), gradOut: memory.floats(gradient) },
    ...{ gradQueries: ofQueries!.values, gradKeys: ofKeys!.values, gradValues: ofValues!.values },
    gradScore: ofScore?.values,
  });
  return [ofQueries!, ofKeys!, ofValues!, ...(ofScore ? [ofScore] : [])];
}
