import type { Kernels as NativeKernels } from '@unroll/kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import { sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

const { exp } = Math;
const from = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Kernels that split, transpose and normalise: TensorFlow.js' own decompose an index for each element. */
export const layoutKernels = (kernels: NativeKernels, memory: NativeMemory): Kernels =>
  bindKernels({ kernels, memory }, { SplitV: splitV, Transpose: transpose, Softmax: softmax });

/** What the kernels run with. */
interface Native {
  kernels: NativeKernels;
  memory: NativeMemory;
}

function splitV(
  { memory }: Native,
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
  const inner = sizeOf(x.shape.slice(axis + 1));
  const [stride, outer] = [x.shape[axis]! * inner, sizeOf(x.shape.slice(0, axis))];
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

/** The axes that the kernel takes: as many as tensors of TensorFlow.js have. */
const mostAxes = 6;

function transpose(
  { kernels, memory }: Native,
  { inputs: { x }, attrs }: { inputs: { x: TensorInfo }; attrs: { perm: number[] } },
) {
  if (x.dtype !== 'float32' || sizeOf(x.shape) === 0) return undefined;
  const out = memory.allocate(attrs.perm.map((axis) => x.shape[axis]!));
  const missing = mostAxes - x.shape.length;
  const shape = Int32Array.from([...Array<number>(missing).fill(1), ...x.shape]);
  const order = Int32Array.from([...Array(missing).keys(), ...attrs.perm.map((axis) => axis + missing)]);
  kernels.permute({ shape, order, x: memory.floats(x), out: out.values });
  return out;
}

/** Along the last axis. */
function softmax(
  { memory }: Native,
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
