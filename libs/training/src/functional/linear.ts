import { hasKernel, linearKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';

/** The sum over rows, [lane, rows, columns] → [lane, 1, columns]. */
export const sumOfRows = (x: Tensor): Tensor => tf.sum(x, 1, true);

/**
 * x·W + b for each lane, torch.nn.Linear with the weight transposed: x [lane, rows, inputs], weight [lane, inputs, outputs],
 * bias [lane, 1, outputs] → [lane, rows, outputs].
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return hasKernel(linearKernel) ? fused(x, weight, bias) : addBias(tf.matMul(x, weight), bias);
}

/** The same with the engine's own kernel. */
const fused = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
  tf.customGrad((...[rows, matrix, shift, save]) => {
    const inputs = { x: rows as Tensor, weight: matrix as Tensor, bias: shift as Tensor };
    (save as (tensors: Tensor[]) => void)([inputs.x, inputs.weight]);
    return {
      value: runKernel(linearKernel, inputs)[0]!,
      gradFunc: (dy: Tensor, [left, right]: Tensor[]) => [
        tf.matMul(dy, right!, false, true),
        tf.matMul(left!, dy, true, false),
        sumOfRows(dy),
      ],
    };
  })(x, weight, bias);

/** x + b with b over all rows: x [lane, rows, columns], bias [lane, 1, columns]. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  tf.customGrad((...[each, shift]) => ({
    value: tf.add(each as Tensor, shift as Tensor),
    gradFunc: (dy: Tensor) => [dy, sumOfRows(dy)],
  }))(x, bias);
