import type { NativeMemory } from './memory';
import { sizeOf } from '../../tensor/shapes';
import { tf, type TensorInfo } from '../../tensor/tfjs';

const { exp, log, log1p, tanh } = Math;

type Inputs = Record<string, TensorInfo>;

/** `count` results from `x` at `i` and `y` at `j`, each of which moves on by 1 or stays; written from `o` on. */
type Run<Values, Results = Values> = (
  ...given: [
    x: Values,
    i: number,
    iStep: number,
    y: Values,
    j: number,
    jStep: number,
    out: Results,
    o: number,
    count: number,
  ]
) => void;

// A separate loop for each operation: calling a function would take several times as long.
const multiply: Run<Float32Array> = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! * y[j]!;
};
const subtract: Run<Float32Array> = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! - y[j]!;
};
const divide: Run<Float32Array> = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! / y[j]!;
};

const add: Run<Float32Array> = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! + y[j]!;
};
const addIntegers: Run<Int32Array> = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = x[i]! + y[j]!;
};
type Comparison = Run<Float32Array, Uint8Array>;
const isGreater: Comparison = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = Number(x[i]! > y[j]!);
};
const isGreaterOrEqual: Comparison = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = Number(x[i]! >= y[j]!);
};
const isEqual: Comparison = (x, i, iStep, y, j, jStep, out, o, count) => {
  for (const end = o + count; o < end; o++, i += iStep, j += jStep) out[o] = Number(x[i]! === y[j]!);
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

/** Two operands, and their values. */
interface Operands<Values> {
  a: TensorInfo;
  b: TensorInfo;
  x: Values;
  y: Values;
}

/** Computes from two operands, either of which may be repeated along some axes, into `out`. */
function repeated<Values, Results>(
  run: Run<Values, Results>,
  { a, b, x, y }: Operands<Values>,
  { shape, values: out }: { shape: number[]; values: Results },
): void {
  const axes = jointAxes(a.shape, b.shape, shape);
  const last = axes.at(-1)!;
  let to = 0;
  const walk = (depth: number, i: number, j: number): void => {
    if (depth === axes.length - 1) {
      run(x, i, last.x, y, j, last.y, out, to, last.length);
      to += last.length;
      return;
    }
    const axis = axes[depth]!;
    for (let index = 0; index < axis.length; index++) walk(depth + 1, i + index * axis.x, j + index * axis.y);
  };
  walk(0, 0, 0);
}

/** The common shape of two operands of one type; undefined where there is another, or nothing to compute. */
function commonShape(a: TensorInfo, b: TensorInfo, dtype: string): number[] | undefined {
  if (a.dtype !== dtype || b.dtype !== dtype) return undefined;
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return sizeOf(shape) === 0 ? undefined : shape;
}

type Binary = (given: { inputs: Inputs }) => TensorInfo | undefined;

/** A kernel of two operands of float32 with results of `allocate`'s type. Undefined for other types. */
const ofFloats =
  <Results>(
    memory: NativeMemory,
    run: Run<Float32Array, Results>,
    allocate: (shape: number[]) => TensorInfo & { values: Results },
  ): Binary =>
  ({ inputs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const shape = commonShape(a, b, 'float32');
    if (!shape) return undefined;
    const operands = { a, b, x: memory.floats(a), y: memory.floats(b) };
    const out = allocate(shape);
    repeated(run, operands, out);
    return out;
  };
const binary = (memory: NativeMemory, run: Run<Float32Array>): Binary =>
  ofFloats(memory, run, (shape) => memory.allocate(shape));
const comparison = (memory: NativeMemory, run: Comparison): Binary =>
  ofFloats(memory, run, (shape) => memory.allocateMask(shape));
/** The same with its operands exchanged. */
const exchanged =
  (kernel: Binary): Binary =>
  ({ inputs: { a, b } }) =>
    kernel({ inputs: { a: b!, b: a! } });

/** Sums of two operands of float32 or of integers. Undefined for other types. */
export const addRepeated = (memory: NativeMemory): Binary => {
  const floats = binary(memory, add);
  return ({ inputs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const shape = commonShape(a, b, 'int32');
    if (!shape) return floats({ inputs });
    const out = memory.allocateIntegers(shape);
    repeated(addIntegers, { a, b, x: memory.integers(a), y: memory.integers(b) }, out);
    return out;
  };
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

/** Beyond it, softplus is its argument, and below minus it, e to its argument, but for a rounding of float32. */
const softplusLimit = -(log(2 ** -23) + 2);

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
    Greater: comparison(memory, isGreater),
    GreaterEqual: comparison(memory, isGreaterOrEqual),
    Less: exchanged(comparison(memory, isGreater)),
    LessEqual: exchanged(comparison(memory, isGreaterOrEqual)),
    Equal: comparison(memory, isEqual),
    Sigmoid: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = 1 / (1 + exp(-x[at]!));
    }),
    Tanh: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = tanh(x[at]!);
    }),
    Relu: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = x[at]! < 0 ? 0 : x[at]!;
    }),
    Sign: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = x[at]! < 0 ? -1 : x[at]! > 0 ? 1 : 0;
    }),
    Log1p: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) out[at] = log1p(x[at]!);
    }),
    Softplus: unary(memory, (x, out) => {
      for (let at = 0; at < x.length; at++) {
        const value = x[at]!;
        out[at] = value < -softplusLimit ? exp(value) : value > softplusLimit ? value : log(1 + exp(value));
      }
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
