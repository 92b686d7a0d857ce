import { joinKernel, splitKernel } from '../../tensor/kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import { isSame, sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

/** Where each parameter begins in a lane's vector. */
interface Placed {
  offsets: readonly number[];
}

/**
 * Kernels that only move values. TensorFlow.js' own copy element by element wherever a slice is not contiguous, as one of
 * many lanes never is; these copy a contiguous run at a time.
 */
export const movingKernels = (memory: NativeMemory): Kernels =>
  bindKernels(memory, {
    ...{ Slice: slice, [splitKernel]: splitLanes, [joinKernel]: joinLanes, Concat: concat },
    ...{ Pack: pack, Reshape: reshape, Identity: identity },
  });

/** The part [begin, begin + length) of one axis of x, whose shape is `shape`. */
function part(x: Float32Array, shape: readonly number[], axis: number, begin: number, length: number): Float32Array {
  const inner = sizeOf(shape.slice(axis + 1));
  const [run, stride, outer] = [length * inner, shape[axis]! * inner, sizeOf(shape.slice(0, axis))];
  const out = new Float32Array(outer * run);
  copyRuns(x, begin * inner, stride, out, 0, run, outer, run);
  return out;
}

function slice(
  memory: NativeMemory,
  { inputs, attrs }: { inputs: { x: TensorInfo }; attrs: { begin: number[]; size: number[] } },
) {
  const { x } = inputs;
  if (x.dtype !== 'float32') return undefined;
  const [begin, lengths] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size) as [number[], number[]];
  const cut = lengths.flatMap((length, axis) => (length === x.shape[axis] ? [] : [axis]));
  if (sizeOf(lengths) === 0 || cut.length === 0) return undefined;
  const values = memory.floats(x);
  // Axis by axis, the outermost first: later cuts are then smaller.
  const last = cut.at(-1)!;
  let [shape, rest] = [x.shape as readonly number[], values];
  for (const axis of cut.slice(0, -1)) {
    rest = part(rest, shape, axis, begin[axis]!, lengths[axis]!);
    shape = shape.with(axis, lengths[axis]!);
  }
  const out = memory.allocate(lengths);
  const inner = sizeOf(shape.slice(last + 1));
  const [run, stride, outer] = [lengths[last]! * inner, shape[last]! * inner, sizeOf(shape.slice(0, last))];
  copyRuns(rest, begin[last]! * inner, stride, out.values, 0, run, outer, run);
  return out;
}

function splitLanes(
  memory: NativeMemory,
  {
    inputs,
    attrs: { offsets, shapes, from, to },
  }: { inputs: { flat: TensorInfo }; attrs: Placed & { shapes: [number, number][]; from: number; to: number } },
) {
  const length = inputs.flat.shape[1]!;
  const flat = memory.floats(inputs.flat);
  return shapes.map(([rows, columns], index) => {
    const out = memory.allocate([to - from, rows, columns]);
    const run = rows * columns;
    copyRuns(flat, from * length + offsets[index]!, length, out.values, 0, run, to - from, run);
    return out;
  });
}

function joinLanes(
  memory: NativeMemory,
  { inputs, attrs: { offsets, length } }: { inputs: Record<string, TensorInfo>; attrs: Placed & { length: number } },
) {
  const parts = Object.values(inputs);
  const firsts = parts.filter((_, index) => index % offsets.length === 0);
  const out = memory.allocate([firsts.reduce((sum, { shape }) => sum + shape[0]!, 0), length]);
  let [begin, end] = [0, 0];
  parts.forEach((part, index) => {
    const [lanes, offset] = [part.shape[0]!, offsets[index % offsets.length]!];
    const run = sizeOf(part.shape) / lanes;
    copyRuns(memory.floats(part), 0, run, out.values, begin + offset, length, lanes, run);
    end = offset + run;
    if ((index + 1) % offsets.length > 0) return;
    for (let lane = 0; lane < lanes; lane++)
      out.values.fill(0, begin + lane * length + end, begin + (lane + 1) * length);
    begin += lanes * length;
  });
  return out;
}

function concat(memory: NativeMemory, { inputs, attrs }: { inputs: TensorInfo[]; attrs: { axis: number } }) {
  const parts = inputs.filter(({ shape }) => sizeOf(shape) > 0);
  const [first] = parts;
  if (!first || parts.some(({ dtype }) => dtype !== 'float32')) return undefined;
  const axis = tf.util.parseAxisParam(attrs.axis, first.shape)[0]!;
  const along = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const out = memory.allocate(first.shape.with(axis, along));
  const outer = sizeOf(first.shape.slice(0, axis));
  const stride = along * sizeOf(first.shape.slice(axis + 1));
  let begin = 0;
  for (const one of parts) {
    const run = sizeOf(one.shape) / outer;
    copyRuns(memory.floats(one), 0, run, out.values, begin, stride, outer, run);
    begin += run;
  }
  return out;
}

/** Tensors of one shape side by side along a new axis, the first. */
function pack(memory: NativeMemory, { inputs, attrs }: { inputs: TensorInfo[]; attrs: { axis: number } }) {
  const [{ shape }] = inputs as [TensorInfo];
  const isCommon = inputs.every((each) => each.dtype === 'float32' && isSame(each.shape, shape));
  if (attrs.axis !== 0 || !isCommon) return undefined;
  const out = memory.allocate([inputs.length, ...shape]);
  const run = sizeOf(shape);
  inputs.forEach((each, index) => out.values.set(memory.floats(each), index * run));
  return out;
}

/** Undefined for a shape that is to be inferred, and for other types. */
function reshape(memory: NativeMemory, { inputs, attrs }: { inputs: { x: TensorInfo }; attrs: { shape: number[] } }) {
  const { x } = inputs;
  const { shape } = attrs;
  if (x.dtype === 'complex64' || shape.some((length) => length < 0) || sizeOf(shape) !== sizeOf(x.shape))
    return undefined;
  return memory.view(x, shape);
}

const identity = (memory: NativeMemory, { inputs: { x } }: { inputs: { x: TensorInfo } }) =>
  x.dtype === 'complex64' ? undefined : memory.view(x, x.shape);

/** Copies `count` stretches of `run` values, `fromStride` and `toStride` apart. */
function copyRuns(
  from: Float32Array,
  fromBegin: number,
  fromStride: number,
  to: Float32Array,
  toBegin: number,
  toStride: number,
  count: number,
  run: number,
): void {
  for (let index = 0; index < count; index += 1) {
    const begin = fromBegin + index * fromStride;
    to.set(from.subarray(begin, begin + run), toBegin + index * toStride);
  }
}
