import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import { tf, type TensorInfo } from '../../tensor/tfjs';

const { exp } = Math;
const size = (shape: readonly number[]): number => tf.util.sizeFromShape(shape as number[]);
const from = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Kernels that split, transpose and normalise: TensorFlow.js' own decompose an index for each element. */
export const layoutKernels = (memory: NativeMemory): Kernels =>
  bindKernels(memory, { SplitV: splitV, Transpose: transpose, Softmax: softmax });

function splitV(
  memory: NativeMemory,
  {
    inputs: { x },
    attrs,
  }: {
    inputs: { x: TensorInfo };
    attrs: { numOrSizeSplits: number | number[]; axis: number };
  },
) {
  if (x.dtype !== 'float32') return undefined;
  const axis = from(attrs.axis, x.shape.length);
  const values = memory.floats(x);
  const inner = size(x.shape.slice(axis + 1));
  const [stride, outer] = [x.shape[axis]! * inner, size(x.shape.slice(0, axis))];
  let begin = 0;
  return tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis).map((length) => {
    const out = memory.allocate(x.shape.with(axis, length));
    const run = length * inner;
    for (let index = 0; index < outer; index++)
      out.values.set(values.subarray(index * stride + begin, index * stride + begin + run), index * run);
    begin += run;
    return out;
  });
}

/** Whole rows where the last axis stays the last. */
function transpose(
  memory: NativeMemory,
  { inputs: { x }, attrs }: { inputs: { x: TensorInfo }; attrs: { perm: number[] } },
) {
  if (x.dtype !== 'float32') return undefined;
  const { perm } = attrs;
  const shape = perm.map((axis) => x.shape[axis]!);
  const strides = perm.map((axis) => size(x.shape.slice(axis + 1)));
  const out = memory.allocate(shape);
  const values = memory.floats(x);
  const [count, stride] = [shape.at(-1) ?? 1, strides.at(-1) ?? 1];
  let to = 0;
  const walk = (depth: number, at: number): void => {
    if (depth < shape.length - 1) {
      for (let index = 0; index < shape[depth]!; index++) walk(depth + 1, at + index * strides[depth]!);
      return;
    }
    for (let index = 0; index < count; index++) out.values[to + index] = values[at + index * stride]!;
    to += count;
  };
  walk(0, 0);
  return out;
}

/** Along the last axis. */
function softmax(
  memory: NativeMemory,
  { inputs: { logits }, attrs }: { inputs: { logits: TensorInfo }; attrs: { dim: number } },
) {
  const width = logits.shape.at(-1) ?? 1;
  if (logits.dtype !== 'float32' || from(attrs.dim, logits.shape.length) !== logits.shape.length - 1) return undefined;
  const x = memory.floats(logits);
  const out = memory.allocate(logits.shape);
  const { values } = out;
  for (let begin = 0; begin < x.length; begin += width) {
    const end = begin + width;
    let [most, sum] = [-Infinity, 0];
    for (let at = begin; at < end; at++) most = x[at]! > most ? x[at]! : most;
    for (let at = begin; at < end; at++) sum += values[at] = exp(x[at]! - most);
    for (let at = begin; at < end; at++) values[at]! /= sum;
  }
  return out;
}
