import type { ScanCell } from '@unroll/kernels';
import { tf, type Tensor } from '../../tensor/tfjs';
import { linearScan } from './linear-scan';
import type { Cell, CellWeights } from './cell';

/**
 * The paper's g, which keeps a state above 0: x + 1/2 for x ≥ 0, else σ(x) (Feng et al. 2024, appendix B). Both forms of a
 * minimal cell, step by step and all at once, use it.
 */
export const aboveZero = (x: Tensor): Tensor => tf.where(tf.greaterEqual(x, 0), tf.add(x, 0.5), tf.sigmoid(x));

/** What a linear recurrence says of its cell; the rest follows. */
type LinearCell = Pick<Cell, 'gates' | 'forgetBlock' | 'own'> & {
  kind: Cell['kind'] & ScanCell;
  zeroPreserving?: boolean;
};

/**
 * A cell whose gates see only the input, so that h' = a∘h + b with a and b known in advance: Feng et al. 2024, "Were RNNs
 * all we needed?". `coefficients` gives a and b from the blocks of x·W + bias, each [lane, time, batch, hidden]; `scanWeights`
 * gives the weights of its kernel.
 *
 * Unless it says that it preserves zeros, its layers are never padded: g(0) of the minimal cells is 1/2, so a unit without
 * weights does not stay at 0.
 */
export const linearRecurrence = (
  cell: LinearCell,
  coefficients: (blocks: readonly Tensor[], weights: CellWeights) => [a: Tensor, b: Tensor],
  scanWeights?: (weights: CellWeights) => Tensor,
): Cell => ({
  zeroPreserving: false,
  ...cell,
  name: cell.kind,
  states: 1,
  recurrence: 'none',
  biases: 1,
  separateRecurrentBias: false,
  unitScan: { cell: cell.kind, ...(scanWeights && { weights: scanWeights }) },
  prepare: (projected, weights) => tf.concat(coefficients(tf.split(projected, cell.gates, 3), weights), 3),
  step(prepared, [h]) {
    const [a, b] = tf.split(prepared, 2, 2); // each [lane, batch, hidden]
    return { states: [tf.add(tf.mul(a!, h!), b!)], saved: [], gates: [a!] };
  },
  scan(prepared, [h], reading) {
    const [a, b] = tf.split(prepared, 2, 3); // each [lane, time, batch, hidden]
    const { outputs, last } = linearScan(a!, b!, h!, reading);
    return { outputs, states: [last] };
  },
});
