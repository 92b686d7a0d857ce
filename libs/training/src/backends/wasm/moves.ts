import { bindKernels, type Kernels } from '../engine/bind-kernels';
import { copyWords, getHeap, wordIndex, type WasmBackend } from './heap';
import { tf, type TensorInfo } from '../../tensor/tfjs';

/**
 * Kernels for wasm that only move values: TensorFlow.js' own copy the whole source for each slice that is taken of it, so
 * splitting a sequence would take time quadratic in its length. These move each value once.
 */
export const movingKernels = (backend: WasmBackend): Kernels =>
  bindKernels(backend, {
    Slice: slice,
    SplitV: splitV,
    Unpack: unpack,
    Identity: identity,
    GatherV2: gather,
    Pack: pack,
    Concat: concat,
  });

const size = tf.util.sizeFromShape;

/** The part [begin, begin + length) of one axis, for types of four bytes. */
function part(
  backend: WasmBackend,
  x: TensorInfo,
  axis: number,
  begin: number,
  length: number,
  shape: number[],
): TensorInfo {
  const out = backend.makeOutput(shape, x.dtype);
  const inner = size(x.shape.slice(axis + 1));
  const [run, stride, outer] = [length * inner, x.shape[axis]! * inner, size(x.shape.slice(0, axis))];
  const [heap, from, to] = [getHeap(backend), wordIndex(backend, x) + begin * inner, wordIndex(backend, out)];
  for (let index = 0; index < outer; index++) copyWords(heap, to + index * run, from + index * stride, run);
  return out;
}

/** Joins tensors along an axis; `shape` is that of the result. */
function join(backend: WasmBackend, inputs: TensorInfo[], axis: number, shape: number[]): TensorInfo {
  const out = backend.makeOutput(shape, inputs[0]!.dtype);
  const outer = size(shape.slice(0, axis));
  const heap = getHeap(backend);
  const stride = size(shape.slice(axis));
  let to = wordIndex(backend, out);
  for (const input of inputs) {
    const run = size(input.shape) / outer;
    const from = wordIndex(backend, input);
    for (let index = 0; index < outer; index++) copyWords(heap, to + index * stride, from + index * run, run);
    to += run;
  }
  return out;
}

const without = (shape: number[], axis: number): number[] => shape.filter((_, index) => index !== axis);
const from = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

function slice(
  backend: WasmBackend,
  { inputs, attrs }: { inputs: { x: TensorInfo }; attrs: { begin: number[]; size: number[] } },
) {
  const [begin, lengths] = tf.slice_util.parseSliceParams(inputs.x, attrs.begin, attrs.size);
  // Axis by axis, the outermost first: later cuts are then smaller.
  let x = inputs.x;
  lengths!.forEach((length, axis) => {
    if (length === x.shape[axis]) return;
    const cut = part(backend, x, axis, begin![axis]!, length, x.shape.with(axis, length));
    if (x !== inputs.x) backend.disposeData(x.dataId);
    x = cut;
  });
  return x === inputs.x ? part(backend, x, 0, 0, x.shape[0] ?? 1, x.shape) : x;
}

function splitV(
  backend: WasmBackend,
  {
    inputs,
    attrs,
  }: {
    inputs: { x: TensorInfo };
    attrs: { numOrSizeSplits: number | number[]; axis: number };
  },
) {
  const axis = from(attrs.axis, inputs.x.shape.length);
  let begin = 0;
  return tf.backend_util.prepareSplitSize(inputs.x, attrs.numOrSizeSplits, axis).map((length) => {
    begin += length;
    return part(backend, inputs.x, axis, begin - length, length, inputs.x.shape.with(axis, length));
  });
}

function unpack(
  backend: WasmBackend,
  { inputs: { value }, attrs }: { inputs: { value: TensorInfo }; attrs: { axis: number } },
) {
  const axis = from(attrs.axis, value.shape.length);
  const shape = without(value.shape, axis);
  return Array.from({ length: value.shape[axis]! }, (_, index) => part(backend, value, axis, index, 1, shape));
}

// Values never change once written, so a copy may share them.
function identity(backend: WasmBackend, { inputs: { x } }: { inputs: { x: TensorInfo } }) {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

function gather(backend: WasmBackend, { inputs: { x, indices }, attrs }: Gather) {
  const axis = from(attrs.axis, x.shape.length);
  const out = backend.makeOutput([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], x.dtype);
  const [outer, rows, inner] = [size(x.shape.slice(0, axis)), x.shape[axis]!, size(x.shape.slice(axis + 1))];
  const heap = getHeap(backend);
  const [source, target] = [wordIndex(backend, x), wordIndex(backend, out)];
  const at = new Int32Array(heap.buffer, 4 * wordIndex(backend, indices), size(indices.shape));
  for (let index = 0; index < outer; index++)
    for (let position = 0; position < at.length; position++) {
      const to = target + (index * at.length + position) * inner;
      copyWords(heap, to, source + (index * rows + at[position]!) * inner, inner);
    }
  return out;
}

function pack(backend: WasmBackend, { inputs, attrs }: { inputs: TensorInfo[]; attrs: { axis: number } }) {
  const axis = from(attrs.axis, inputs[0]!.shape.length + 1);
  return join(backend, inputs, axis, inputs[0]!.shape.toSpliced(axis, 0, inputs.length));
}

function concat(backend: WasmBackend, { inputs, attrs }: { inputs: TensorInfo[]; attrs: { axis: number } }) {
  const axis = from(attrs.axis, inputs[0]!.shape.length);
  const length = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  return join(backend, inputs, axis, inputs[0]!.shape.with(axis, length));
}

interface Gather {
  inputs: { x: TensorInfo; indices: TensorInfo };
  attrs: { axis: number };
}
