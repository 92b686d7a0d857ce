import type { Kernels as NativeKernels } from '@unroll/kernels';
import { bindKernels, type Kernels } from '../engine/bind-kernels';
import { addRepeated } from './elementwise';
import type { NativeMemory } from './memory';
import { isSame, sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

type Inputs = Record<string, TensorInfo>;

const areFloats = ({ dtype }: TensorInfo, other: TensorInfo): boolean => dtype === 'float32' && other.dtype === dtype;

/** What the kernels run with. */
interface Native {
  kernels: NativeKernels;
  memory: NativeMemory;
}

/** Kernels of TensorFlow.js whose common cases are ours; undefined for the others. */
export const plainKernels = (kernels: NativeKernels, memory: NativeMemory): Kernels =>
  bindKernels({ kernels, memory }, { BatchMatMul: batchMatMul, Add: add, Sum: sum, Mean: mean, GatherV2: gather });

function batchMatMul(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Inputs; attrs: { transposeA: boolean; transposeB: boolean } },
) {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!areFloats(a, b) || a.shape.length !== b.shape.length) return undefined;
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [lanesA, lanesB] = [sizeOf(batchA), sizeOf(batchB)];
  if (!isSame(batchA, batchB) && lanesA !== 1 && lanesB !== 1) return undefined;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const { transposeA, transposeB } = attrs;
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (k !== inner) throw new Error(`cannot multiply [${a.shape.join(', ')}] by [${b.shape.join(', ')}]`);
  const lanes = Math.max(lanesA, lanesB);
  if (lanes * m * n * k === 0) return undefined;
  const c = memory.allocate([...(lanesA === 1 ? batchB : batchA), m, n]);
  const [left, right] = [memory.floats(a), memory.floats(b)];
  kernels.multiply({ a: left, b: right, c: c.values, lanes, lanesA, lanesB, m, n, k, transposeA, transposeB });
  return c;
}

/** For operands of one shape, or rows plus one row, of float32; others as the elementwise kernels. */
function add({ kernels, memory }: Native, { inputs }: { inputs: Inputs }) {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  if (!areFloats(a, b) || sizeOf(a.shape) === 0) return addRepeated(memory)({ inputs });
  const [x, y] = [memory.floats(a), memory.floats(b)];
  const [outer, rows, inner] = a.shape as [number, number, number];
  if (isSame(a.shape, b.shape)) {
    const out = memory.allocate(a.shape);
    kernels.addRows({ outer: 1, rows: 1, inner: x.length, x, y, out: out.values });
    return out;
  }
  if (a.shape.length !== 3 || !isSame(b.shape, [outer, 1, inner])) return addRepeated(memory)({ inputs });
  const out = memory.allocate(a.shape);
  kernels.addRows({ outer, rows, inner, x, y, out: out.values });
  return out;
}

/** Over one axis. Along the last one in float64, as TensorFlow.js. */
function sum(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Inputs; attrs: { axis: number | number[]; keepDims: boolean } },
) {
  const x = inputs.x!;
  const [axis, ...more] = tf.util.parseAxisParam(attrs.axis, x.shape);
  if (axis === undefined || more.length > 0 || x.dtype !== 'float32' || sizeOf(x.shape) === 0) return undefined;
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const out = memory.allocate([...before, ...(attrs.keepDims ? [1] : []), ...after]);
  if (after.length === 0) {
    sumAlong(memory.floats(x), x.shape[axis]!, out.values);
    return out;
  }
  const shape = { outer: sizeOf(before), rows: x.shape[axis]!, inner: sizeOf(after) };
  kernels.sumRows({ ...shape, x: memory.floats(x), out: out.values });
  return out;
}

/** Along the last axis: the sum, in float64, of the shares in float32, as TensorFlow.js. */
function mean(
  { memory }: Native,
  { inputs, attrs }: { inputs: Inputs; attrs: { axis: number | number[]; keepDims: boolean } },
) {
  const x = inputs.x!;
  const last = x.shape.length - 1;
  const axes = tf.util.parseAxisParam(attrs.axis, x.shape);
  if (x.dtype !== 'float32' || axes.length !== 1 || axes[0] !== last || sizeOf(x.shape) === 0) return undefined;
  const out = memory.allocate([...x.shape.slice(0, last), ...(attrs.keepDims ? [1] : [])]);
  const [all, length] = [memory.floats(x), x.shape[last]!];
  for (let row = 0, at = 0; row < out.values.length; row++) {
    let sum = 0;
    for (const end = at + length; at < end; at++) sum += Math.fround(all[at]! / length);
    out.values[row] = sum;
  }
  return out;
}

function sumAlong(x: Float32Array, length: number, out: Float32Array): void {
  for (let row = 0, at = 0; row < out.length; row++) {
    let sum = 0;
    for (const end = at + length; at < end; at++) sum += x[at]!;
    out[row] = sum;
  }
}

/** Rows of a table. */
function gather(
  { kernels, memory }: Native,
  { inputs, attrs }: { inputs: Inputs; attrs: { axis: number; batchDims?: number } },
) {
  const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
  const count = sizeOf(indices.shape);
  const [rows, ...rest] = x.shape as [number, ...number[]];
  if (attrs.axis !== 0 || attrs.batchDims || x.dtype !== 'float32' || sizeOf(x.shape) * count === 0) return undefined;
  const out = memory.allocate([...indices.shape, ...rest]);
  const table = memory.floats(x);
  kernels.gather({ count, rows, width: sizeOf(rest), table, ids: memory.integers(indices), out: out.values });
  return out;
}
