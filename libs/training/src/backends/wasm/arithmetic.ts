import { getHeap, wordIndex, type WasmBackend } from './heap';
import { tf, type TensorInfo } from '../../tensor/tfjs';

/**
 * tanh(x) = x·P(x²)/Q(x²) for |x| ≤ 9.02, beyond which float32 has ±1: a rational function fitted to the least relative error
 * (iteratively reweighted least squares), 1.3e-9 over the whole range and so near 0 too.
 */
function tanh(x: number): number {
  if (x > 9.02) return 1;
  if (x < -9.02) return -1;
  const s = x * x;
  const p =
    0.999999998692 +
    s *
      (0.1367990901 + s * (3.86832015853e-3 + s * (2.80073060615e-5 + s * (3.05846556264e-8 - s * 1.22031942589e-11))));
  const q = 1 + s * (0.470132410708 + s * (2.72458110233e-2 + s * (3.93861774878e-4 + s * 1.28735593254e-6)));
  return (x * p) / q;
}

/** Tanh for wasm: a third of the time of TensorFlow.js' own, which calls the C library for each value. */
export const tanhKernel =
  (backend: WasmBackend) =>
  ({ inputs: { x } }: { inputs: { x: TensorInfo } }): TensorInfo => {
    const out = backend.makeOutput(x.shape, x.dtype);
    const heap = getHeap(backend);
    const [from, to, count] = [wordIndex(backend, x), wordIndex(backend, out), tf.util.sizeFromShape(x.shape)];
    for (let index = 0; index < count; index++) heap[to + index] = tanh(heap[from + index]!);
    return out;
  };

/**
 * Sum for wasm over one axis that is not the last, row by row in order: TensorFlow.js' own transposes everything first.
 * Undefined for other sums.
 */
export const sumKernel =
  (backend: WasmBackend) =>
  ({ inputs: { x }, attrs }: SumArguments): TensorInfo | undefined => {
    const [axis, ...more] = tf.util.parseAxisParam(attrs.axis, x.shape);
    if (axis === undefined || more.length > 0 || axis === x.shape.length - 1 || x.dtype !== 'float32') return undefined;
    const size = tf.util.sizeFromShape;
    const [outer, rows, inner] = [size(x.shape.slice(0, axis)), x.shape[axis]!, size(x.shape.slice(axis + 1))];
    const kept = attrs.keepDims ? [1] : [];
    const out = backend.makeOutput([...x.shape.slice(0, axis), ...kept, ...x.shape.slice(axis + 1)], x.dtype);
    const heap = getHeap(backend);
    const sums = new Float64Array(inner);
    for (let index = 0; index < outer; index++) {
      sums.fill(0);
      for (let row = 0, at = wordIndex(backend, x) + index * rows * inner; row < rows; row++, at += inner)
        for (let column = 0; column < inner; column++) sums[column]! += heap[at + column]!;
      heap.set(sums, wordIndex(backend, out) + index * inner);
    }
    return out;
  };

interface SumArguments {
  inputs: { x: TensorInfo };
  attrs: { axis: number | number[]; keepDims: boolean };
}
