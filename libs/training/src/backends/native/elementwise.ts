import type { NativeMemory } from './memory';
import { sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

const { exp, tanh } = Math;

type Inputs = Record<string, TensorInfo>;

/** `count` results from `x` at `i` and `y` at `j`, each of which moves on by 1 or stays; written from `o` on. */
type Run = (
  ...given: [
    x: Float32Array,
    i: number,
    iStep: number,
    y: Float32Array,
    j: number,
    jStep: number,
    out: Float32Array,
    o: number,
    count: number,
  ]
) => void;

// A separate loop for each operation: calling a function would take several times as long.
const multiply: Run = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! * y[j]!;
};
const subtract: Run = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! - y[j]!;
};
const divide: Run = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! / y[j]!;
};

/** An axis of a result, or several in a row along which both operands behave alike: how far each moves, 0 where it is repeated. */
interface Axis {
  length: number;
  x: number;
  y: number;
}

/** The axes of a result, those along which both operands behave alike joined; the last last. */
function jointAxes(x: readonly number[], y: readonly number[], out: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  let [strideX, strideY] = [1, 1];
  for (let back = 1; back <= out.length; back++) {
    const [lengthX, lengthY] = [x.at(-back) ?? 1, y.at(-back) ?? 1];
    const length = out.at(-back)!;
    const hasBoth = back <= x.length && back <= y.length;
    const axis = {
      length,
      x: back <= x.length && lengthX === length ? strideX : 0,
      y: back <= y.length && lengthY === length ? strideY : 0,
    };
    const inner = axes[0];
    if (length > 1) {
      const joins = inner && hasBoth && axis.x === inner.x * inner.length && axis.y === inner.y * inner.length;
      if (joins) inner.length *= length;
      else axes.unshift(axis);
    }
    strideX *= lengthX;
    strideY *= lengthY;
  }
  return axes.length > 0 ? axes : [{ length: 1, x: 0, y: 0 }];
}

/** A kernel of two operands of float32, either of which may be repeated along some axes. Undefined for other types. */
const binary =
  (memory: NativeMemory, run: Run) =>
  ({ inputs }: { inputs: Inputs }): TensorInfo | undefined => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    if (sizeOf(shape) === 0) return undefined;
    const [x, y] = [memory.floats(a), memory.floats(b)];
    const out = memory.allocate(shape);
    const axes = jointAxes(a.shape, b.shape, shape);
    const last = axes.at(-1)!;
    let to = 0;
    const walk = (depth: number, i: number, j: number): void => {
      if (depth === axes.length - 1) {
        run(x, i, last.x, y, j, last.y, out.values, to, last.length);
        to += last.length;
        return;
      }
      const axis = axes[depth]!;
      for (let index = 0; index < axis.length; index++) walk(depth + 1, i + index * axis.x, j + index * axis.y);
    };
    walk(0, 0, 0);
    return out;
  };

/** A kernel of one operand of float32. */
const unary =
  (memory: NativeMemory, fill: (x: Float32Array, out: Float32Array) => void) =>
  ({ inputs }: { inputs: Inputs }): TensorInfo | undefined => {
    const x = inputs.x!;
    if (x.dtype !== 'float32') return undefined;
    const out = memory.allocate(x.shape);
    fill(memory.floats(x), out.values);
    return out;
  };

/**
 * Kernels that compute element by element in float32, with exactly the expressions of TensorFlow.js. Its own decompose an
 * index for each element where an operand is broadcast: a training step of the cells without fused kernels took ten times
 * as long. Undefined for other types.
 */
export function elementwiseKernels(memory: NativeMemory) {
  return {
    Multiply: binary(memory, multiply),
    Sub: binary(memory, subtract),
    RealDiv: binary(memory, divide),
    Sigmoid: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = 1 / (1 + exp(-x[at]!));
    }),
    Tanh: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = tanh(x[at]!);
    }),
    Relu: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = x[at]! < 0 ? 0 : x[at]!;
    }),
    Neg: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = -x[at]!;
    }),
    Square: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = x[at]! * x[at]!;
    }),
    Step: ({ inputs, attrs }: { inputs: Inputs; attrs: { alpha: number } }) =>
      unary(memory, (x, out) => {
        for (let at = 0; at < x.length; at++) out[at] = x[at]! > 0 ? 1 : x[at]! <= 0 ? attrs.alpha : NaN;
      })({ inputs }),
    Exp: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = exp(x[at]!);
    }),
  };
}
