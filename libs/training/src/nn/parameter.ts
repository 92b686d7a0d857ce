import type { Tensor } from '../tensor/tfjs';
import { nameToUint32, stream } from '@unroll/random';
import { startValues } from './init/init';
import { drawFrom, type Start } from './init/start';

/**
 * One axis of a parameter: `blocks` (gates, directions) of `size` units each, stored in an array where each block is
 * `width` wide. The units in between are padding, which is and stays 0.
 */
export interface Axis {
  blocks: number;
  size: number;
  width: number;
}

/** A parameter of one lane: PyTorch's name and shape, and our layout. */
export interface Parameter {
  name: string;
  /** PyTorch's axes: rows and columns of a matrix, or the one axis of a bias. */
  axes: readonly [Axis] | readonly [Axis, Axis];
  /** Whether our array is the transpose of PyTorch's, so that it is the right operand of a product. */
  transposed: boolean;
  start: Start;
  /** A buffer, in the sense of PyTorch: running statistics that training updates without a gradient. */
  buffer?: boolean;
}

/** Values under PyTorch's names, in its shapes and its layout, without padding. */
export type Weights = Record<string, { shape: number[]; values: Float32Array }>;

/** An axis of `size` units without padding. */
export const plainAxis = (size: number): Axis => ({ blocks: 1, size, width: size });
/** How wide an array of an axis is. */
export const breadth = ({ blocks, width }: Axis): number => blocks * width;
const extent = ({ blocks, size }: Axis): number => blocks * size;

/** Our shape of a parameter without the lane axis: a matrix, or [1, n] for a bias. */
export function arrayShape({ axes: [rows, columns], transposed }: Parameter): [number, number] {
  if (!columns) return [1, breadth(rows)];
  return transposed ? [breadth(columns), breadth(rows)] : [breadth(rows), breadth(columns)];
}

/** PyTorch's shape of a parameter. */
export const logicalShape = ({ axes }: Parameter): number[] => axes.map(extent);

/** The position of each logical index of an axis in the padded one. */
function positions({ blocks, size, width }: Axis): Int32Array {
  const all = new Int32Array(blocks * size);
  for (let block = 0, index = 0; block < blocks; block++)
    for (let unit = 0; unit < size; unit++) all[index++] = block * width + unit;
  return all;
}

/** Calls `visit` with each logical index (row-major in PyTorch's shape) and the position of its value in our array. */
function eachPlace(parameter: Parameter, visit: (logical: number, place: number) => void): void {
  const [rowAxis, columnAxis] = parameter.axes;
  const rows = positions(rowAxis);
  const columns = columnAxis ? positions(columnAxis) : Int32Array.of(0);
  const [rowStride, columnStride] = parameter.transposed
    ? [1, breadth(rowAxis)]
    : [columnAxis ? breadth(columnAxis) : 1, 1];
  for (let row = 0; row < rows.length; row++)
    for (let column = 0; column < columns.length; column++)
      visit(row * columns.length + column, rows[row]! * rowStride + columns[column]! * columnStride);
}

/** Puts PyTorch's values into our array, which starts at `offset` of `target`; padding is unchanged. */
export function place(parameter: Parameter, values: ArrayLike<number>, target: Float32Array, offset: number): void {
  eachPlace(parameter, (logical, at) => (target[offset + at] = values[logical]!));
}

/** Takes PyTorch's values out of our array, which starts at `offset` of `source`. */
export function extract(parameter: Parameter, source: Float32Array, offset: number): Float32Array {
  const values = new Float32Array(logicalShape(parameter).reduce((product, size) => product * size, 1));
  eachPlace(parameter, (logical, at) => (values[logical] = source[offset + at]!));
  return values;
}

/** The first values of a parameter, from the seed's stream `initialisation` under the number of its name. */
export function initialValues(parameter: Parameter, seed: number): Float32Array {
  const { axes, start, name } = parameter;
  const [rows, columns] = axes;
  const shape = { blocks: rows.blocks, rows: rows.size, columns: columns ? extent(columns) : 1 };
  return startValues(start, shape, drawFrom(stream(seed, 'initialisation'), nameToUint32(name)));
}

/** Parameters by name, in our layout with a leading lane axis. */
export type Named = (name: string) => Tensor;

/** States carried by the recurrent layers: first by state (h, c), then by layer; each [lane, batch, hidden]. */
export type States = Tensor[][];

/** Values by names that all begin with `prefix`. */
export const underPrefix = <Value>(prefix: string, values: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
