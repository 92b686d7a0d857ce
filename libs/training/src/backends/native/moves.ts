import { joinKernel, splitKernel } from '../../tensor/kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import type { NativeMemory } from './memory';
import { isSame, sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

type Values = Float32Array | Int32Array;

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
    ...{ Pack: pack, Unpack: unpack, Tile: tile, PadV2: pad, Reshape: reshape, Identity: identity },
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

/** A tensor of float32 or of integers, and its values; undefined for another type. */
const valuesOf = (memory: NativeMemory, x: TensorInfo): Values | undefined =>
  x.dtype === 'float32' ? memory.floats(x) : x.dtype === 'int32' ? memory.integers(x) : undefined;
const allocate = (memory: NativeMemory, { dtype }: TensorInfo, shape: number[]): TensorInfo & { values: Values } =>
  dtype === 'int32' ? memory.allocateIntegers(shape) : memory.allocate(shape);

/** Tensors of one shape side by side along a new axis. */
function pack(memory: NativeMemory, { inputs, attrs: { axis } }: { inputs: TensorInfo[]; attrs: { axis: number } }) {
  const [first] = inputs as [TensorInfo];
  const isCommon = inputs.every(({ dtype, shape }) => dtype === first.dtype && isSame(shape, first.shape));
  const parts = inputs.map((each) => valuesOf(memory, each));
  if (axis < 0 || !isCommon || parts.includes(undefined)) return undefined;
  const out = allocate(memory, first, first.shape.toSpliced(axis, 0, inputs.length));
  const [run, outer] = [sizeOf(first.shape.slice(axis)), sizeOf(first.shape.slice(0, axis))];
  parts.forEach((values, index) => copyRuns(values!, 0, run, out.values, index * run, inputs.length * run, outer, run));
  return out;
}

/** The parts of a tensor along an axis, which they lack. */
function unpack(
  memory: NativeMemory,
  { inputs: { value }, attrs }: { inputs: { value: TensorInfo }; attrs: { axis: number } },
) {
  const values = valuesOf(memory, value);
  if (!values) return undefined;
  const axis = attrs.axis < 0 ? attrs.axis + value.shape.length : attrs.axis;
  const [count, shape] = [value.shape[axis]!, value.shape.toSpliced(axis, 1)];
  const [run, outer] = [sizeOf(shape.slice(axis)), sizeOf(shape.slice(0, axis))];
  return Array.from({ length: count }, (_, index) => {
    const out = allocate(memory, value, shape);
    copyRuns(values, index * run, count * run, out.values, 0, run, outer, run);
    return out;
  });
}

/** Filled up along one axis; undefined for several. */
function pad(
  memory: NativeMemory,
  {
    inputs: { x },
    attrs,
  }: { inputs: { x: TensorInfo }; attrs: { paddings: [number, number][]; constantValue: number } },
) {
  const axes = attrs.paddings.flatMap(([before, after], axis) => (before + after > 0 ? [axis] : []));
  const axis = axes[0];
  if (x.dtype !== 'float32' || axis === undefined || axes.length > 1) return undefined;
  const [[before, after], length] = [attrs.paddings[axis]!, x.shape[axis]!];
  const out = memory.allocate(x.shape.with(axis, before + length + after));
  out.values.fill(attrs.constantValue);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const stride = (before + length + after) * inner;
  copyRuns(
    memory.floats(x),
    0,
    length * inner,
    out.values,
    before * inner,
    stride,
    sizeOf(x.shape.slice(0, axis)),
    length * inner,
  );
  return out;
}

/** A tensor repeated along its axes. */
function tile(
  memory: NativeMemory,
  { inputs: { x }, attrs: { reps } }: { inputs: { x: TensorInfo }; attrs: { reps: number[] } },
) {
  const values = valuesOf(memory, x);
  const shape = x.shape.map((length, axis) => length * reps[axis]!);
  if (!values || sizeOf(shape) === 0) return undefined;
  const out = allocate(memory, x, shape);
  const last = reps.findLastIndex((count) => count > 1);
  /** Writes the part of x that begins at `from`, which is all of it from an axis on; returns where it ends. */
  const write = (axis: number, from: number, to: number): number => {
    const size = sizeOf(x.shape.slice(axis));
    if (axis > last) {
      out.values.set(values.subarray(from, from + size), to);
      return to + size;
    }
    const length = x.shape[axis]!;
    let end = to;
    for (let index = 0; index < length; index++) end = write(axis + 1, from + (index * size) / length, end);
    const [block, all] = [end - to, (end - to) * reps[axis]!];
    if (block === 1) out.values.fill(out.values[to]!, end, to + all);
    else for (; end < to + all; end += block) out.values.copyWithin(end, to, to + block);
    return to + all;
  };
  write(0, 0, 0);
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
  from: Values,
  fromBegin: number,
  fromStride: number,
  to: Values,
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
