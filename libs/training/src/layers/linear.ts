import { tf, type Tensor } from '../engines/tfjs';

/** The sum over rows, [lane, rows, columns] → [lane, 1, columns]. */
export const sumOfRows = (x: Tensor): Tensor => tf.sum(x, 1, true);

/**
 * x·W + b for each lane, torch.nn.Linear with the weight transposed: x [lane, rows, inputs], weight [lane, inputs, outputs],
 * bias [lane, 1, outputs] → [lane, rows, outputs].
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return addBias(tf.matMul(x, weight), bias);
}

/** x + b with b over all rows: x [lane, rows, columns], bias [lane, 1, columns]. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  tf.customGrad((...[each, shift]) => ({
    value: tf.add(each as Tensor, shift as Tensor),
    gradFunc: (dy: Tensor) => [dy, sumOfRows(dy)],
  }))(x, bias);
