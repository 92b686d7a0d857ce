import type { Stream } from '@unroll/random';

/** How a weight matrix is initialised, by the name that a sweep uses. */
export type MatrixStart = 'xavier' | 'he' | 'orthogonal' | 'identity';

/** How a parameter is initialised. */
export type Start =
  /** Uniform in ±bound; `block` of it, if any, at a value. */
  | { bound: number; block?: { index: number; value: number } | undefined }
  /** Uniform in [from, to), each turned into another number by `as`. */
  | { from: number; to: number; as: (drawn: number) => number }
  /** The same in each block, by its index. */
  | { ofBlocks: (index: number, count: number) => number }
  /** The same everywhere. */
  | { value: number }
  | { matrix: MatrixStart }
  /** Standard normal. */
  | 'normal';

/** PyTorch's shape of a parameter, blocks·rows × columns: a block is a gate's. All are logical units, without padding. */
export interface StartShape {
  blocks: number;
  rows: number;
  columns: number;
}

/**
 * The source of values: the seed's stream `initialisation` under the number of the parameter's name. A value depends only
 * on its logical index, not on padding or on other parameters.
 */
export interface Draw {
  uniform(count: number, bound: number): Float32Array;
  normal(count: number): Float32Array;
}

export const drawFrom = (random: Stream, counter: number): Draw => ({
  uniform: (count, bound) => random.fillUniform(counter, count, -bound, bound),
  normal: (count) => random.fillNormal(counter, count),
});

/** An initialiser of a matrix: all its values, row-major. */
export type Initialiser = (shape: StartShape, draw: Draw) => Float32Array;

export const elementCount = ({ blocks, rows, columns }: StartShape): number => blocks * rows * columns;
