import {
  partsShader,
  productCut,
  productShader,
  rowsPerSum,
  rowSumsShader,
  type ProductEnds,
  type Shader,
} from '@unroll/kernels';
import { linearKernel } from '../../tensor/kernels';
import type { Tensor, TensorInfo } from '../../tensor/tfjs';
import { over, type Programs } from './programs';

interface Product {
  a: Tensor;
  b: Tensor;
  bias?: Tensor | undefined;
  /** Of the result's shape, added to it. */
  added?: Tensor | undefined;
  activation?: 'relu' | 'tanh' | undefined;
  transposeA: boolean;
  transposeB: boolean;
  /** a is h after each step, but the product reads h before it; the first one is given, [lane, batch, m]. */
  before?: { first: Tensor; reverse: boolean } | undefined;
}

export type Multiply = (product: Product) => TensorInfo | undefined;

type Turned = Record<'transposeA' | 'transposeB', boolean>;

interface Reduced {
  axis: number | number[] | null;
  keepDims: boolean;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/**
 * Products, and sums over rows, in place of TensorFlow.js' own, which for long sums adds floats in no fixed order and cuts
 * them up by the number of lanes.
 */
export function webGpuProducts(programs: Programs) {
  const ours: Multiply = (given) => multiply(programs, given);
  const kernels = {
    BatchMatMul: ({ inputs, attrs }: { inputs: Record<'a' | 'b', Tensor>; attrs: Turned }) =>
      ours({ ...inputs, ...attrs }),

    Sum: ({ inputs: { x }, attrs }: { inputs: { x: Tensor }; attrs: Reduced }) =>
      sumRows(programs, x, attrs.axis, attrs.keepDims),

    [linearKernel]: ({
      inputs: { x, weight, bias, added },
      attrs: { activation },
    }: {
      inputs: Record<'x' | 'weight' | 'bias', Tensor> & { added?: Tensor };
      attrs: { activation?: 'relu' | 'tanh' };
    }) => ours({ a: x, b: weight, bias, added, activation, transposeA: false, transposeB: false }),
  };
  return { multiply: ours, kernels };
}

function multiply(programs: Programs, given: Product): TensorInfo | undefined {
  const { a, b, bias, added, activation, transposeA, transposeB, before } = given;
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const [ofLanesA, ofLanesB] = [a, b].map(({ shape }) => shape.slice(0, -2)) as [number[], number[]];
  const [lanesA, lanesB] = [product(ofLanesA), product(ofLanesB)];
  const lanes = Math.max(lanesA, lanesB);
  if (Math.min(lanesA, lanesB) !== lanes && Math.min(lanesA, lanesB) !== 1) return undefined;
  const [m, k] = matrixSizes(a, transposeA);
  const n = matrixSizes(b, transposeB)[1];
  const outer = lanesA === lanes ? ofLanesA : ofLanesB;
  const { rows, columns, tiles, parts, stretch } = productCut(m, n, k);
  if (lanes * m * n === 0 || k === 0) return undefined;
  const whole = parts === 1;
  const shape = [...outer, m, n];
  const shifted = before && (before.reverse ? 'after' : 'before');
  const shift = before?.first.shape[1] ?? 0;
  const ends: ProductEnds = { biased: bias !== undefined, added: added !== undefined, activation };
  const ofEnds = [bias, added].filter((each) => each !== undefined);
  const [out] = programs.run({
    shader: findShader({
      transposeA,
      transposeB,
      ...(whole ? ends : plain),
      shifted,
      rows,
      columns,
      half: programs.half,
    }),
    inputs: [a, b, ...(whole ? ofEnds : []), ...(before ? [before.first] : [])],
    outputs: [whole ? shape : [lanes, parts, m, n]],
    numbers: [m, n, k, tiles[1], parts, stretch, lanesA === 1 ? 0 : m * k, lanesB === 1 ? 0 : k * n, shift],
    workgroups: [tiles[0] * tiles[1], lanes * parts],
  });
  return whole ? out : addedUp(programs, out!, { lanes, parts, count: m * n, n, shape }, { ...ends, inputs: ofEnds });
}

const plain: ProductEnds = { biased: false };

/** The sum of parts [lane, part, count] with its ends, which read `inputs`; disposes the parts. */
export function addedUp(
  programs: Programs,
  partial: TensorInfo,
  { lanes, parts, count, n, shape }: { lanes: number; parts: number; count: number; n: number; shape: number[] },
  { inputs, ...ends }: ProductEnds & { inputs: readonly TensorInfo[] } = { ...plain, inputs: [] },
): TensorInfo {
  const { across, workgroups } = over(Math.ceil((lanes * count) / 256));
  const [sum] = programs.run({
    shader: partsShader(ends),
    inputs: [partial, ...inputs],
    outputs: [shape],
    numbers: [lanes * count, count, parts, n, across],
    workgroups,
  });
  programs.forget(partial);
  return sum!;
}

/**
 * The sum over rows, [lane, rows, columns] → [lane, columns]; undefined for another sum. TensorFlow.js transposes all of x
 * first.
 */
function sumRows(programs: Programs, x: Tensor, axis: Reduced['axis'], keepDims: boolean): TensorInfo | undefined {
  const axes = typeof axis === 'number' ? [axis] : axis;
  if (x.dtype !== 'float32' || x.shape.length !== 3 || axes?.length !== 1 || axes[0] !== 1) return undefined;
  const [lanes, rows, columns] = x.shape as [number, number, number];
  const [chunks, parts] = [Math.ceil(columns / 64), Math.ceil(rows / rowsPerSum)];
  if (x.size === 0) return undefined;
  const shape = keepDims ? [lanes, 1, columns] : [lanes, columns];
  const [out] = programs.run({
    shader: rowSumsShader,
    inputs: [x],
    outputs: [parts === 1 ? shape : [lanes, parts, columns]],
    numbers: [rows, columns, chunks, parts],
    workgroups: [chunks * parts, lanes],
  });
  return parts === 1 ? out : addedUp(programs, out!, { lanes, parts, count: columns, n: columns, shape });
}

function matrixSizes({ shape }: Tensor, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Shaders by their parameters, since writing their text takes longer than finding them. */
const shaders = new Map<string, Shader>();

function findShader(shape: Parameters<typeof productShader>[0]): Shader {
  const key = Object.values(shape).join();
  const known = shaders.get(key) ?? productShader(shape);
  shaders.set(key, known);
  return known;
}
