import { differentiable } from '../tensor/differentiable';
import { hasKernel, linearKernel } from '../tensor/kernels';
import { linearGradientKernel, tanhGradientKernel } from '../tensor/layer-kernels';
import { runKernel, tf, type Tensor, type NamedAttrMap } from '../tensor/tfjs';

/** The sum over rows, [lane, rows, columns] → [lane, 1, columns]. */
export const sumOfRows = (x: Tensor): Tensor => tf.sum(x, 1, true);

/** weight [lane, inputs, outputs], bias [lane, 1, outputs]. */
export interface Affine {
  weight: Tensor;
  bias: Tensor;
}

/**
 * x·W + b for each lane, torch.nn.Linear with the weight transposed: x [lane, rows, inputs], weight [lane, inputs, outputs],
 * bias [lane, 1, outputs] → [lane, rows, outputs]. `added`, of the result's shape, is added to it.
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor, added?: Tensor): Tensor {
  if (hasKernel(linearKernel)) return fused(x, weight, bias, added);
  const sums = addBias(tf.matMul(x, weight), bias);
  return added ? tf.add(added, sums) : sums;
}

/** The same with the engine's own kernel. */
function fused(x: Tensor, weight: Tensor, bias: Tensor, added: Tensor | undefined): Tensor {
  const [result] = differentiable({
    inputs: { x, weight, bias, ...(added ? { added } : {}) },
    forward(save) {
      save([x, weight]);
      return [runLinear(x, { weight, bias }, { added })];
    },
    backward([dy], [read, factor]) {
      const [ofX, ofWeight, ofBias] = linearGradient(read!, factor!, dy!, false);
      return { x: () => ofX!, weight: () => ofWeight!, bias: () => ofBias!, added: () => dy! };
    },
  });
  return result!;
}

function runLinear(
  x: Tensor,
  { weight, bias }: Affine,
  { added, activation }: { added?: Tensor | undefined; activation?: 'relu' | 'tanh' },
): Tensor {
  const attributes: NamedAttrMap = activation ? { activation } : {};
  return runKernel(linearKernel, { x, weight, bias, ...(added ? { added } : {}) }, attributes)[0]!;
}

/** The gradients of x, weight and bias; with `gated`, that of x is 0 where x is not positive. */
function linearGradient(x: Tensor, weight: Tensor, dy: Tensor, gated: boolean): Tensor[] {
  if (hasKernel(linearGradientKernel)) return runKernel(linearGradientKernel, { x, weight, gradient: dy }, { gated });
  const ofX = tf.matMul(dy, weight, false, true);
  return [gated ? tf.mul(ofX, tf.step(x)) : ofX, tf.matMul(x, dy, true, false), sumOfRows(dy)];
}

/** A perceptron with one layer of relu between: W₂·max(0, W₁·x + b₁) + b₂, plus `added`. x [lane, rows, inputs]. */
export function perceptron(x: Tensor, first: Affine, second: Affine, added?: Tensor): Tensor {
  if (!hasKernel(linearKernel)) {
    const between = tf.relu(linear(x, first.weight, first.bias));
    return linear(between, second.weight, second.bias, added);
  }
  const [result] = differentiable({
    inputs: {
      ...{ x, weight: first.weight, bias: first.bias, weightAfter: second.weight, biasAfter: second.bias },
      ...(added ? { added } : {}),
    },
    forward(save) {
      const between = runLinear(x, first, { activation: 'relu' });
      save([x, first.weight, second.weight, between]);
      return [runLinear(between, second, { added })];
    },
    backward([dy], [read, weight, weightAfter, between]) {
      const [ofBetween, ...ofSecond] = linearGradient(between!, weightAfter!, dy!, true);
      const [ofX, ...ofFirst] = linearGradient(read!, weight!, ofBetween!, false);
      return {
        ...{ x: () => ofX!, weight: () => ofFirst[0]!, bias: () => ofFirst[1]! },
        ...{ weightAfter: () => ofSecond[0]!, biasAfter: () => ofSecond[1]!, added: () => dy! },
      };
    },
  });
  return result!;
}

/** tanh(W·x + b), with the shapes of `linear`. */
export function linearTanh(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  if (!hasKernel(linearKernel)) return tf.tanh(linear(x, weight, bias));
  return tf.customGrad((...[rows, matrix, shift, save]) => {
    const [read, factor] = [rows as Tensor, matrix as Tensor];
    const value = runLinear(read, { weight: factor, bias: shift as Tensor }, { activation: 'tanh' });
    (save as (tensors: Tensor[]) => void)([read, factor, value]);
    return {
      value,
      gradFunc: (dy: Tensor, [left, right, y]: Tensor[]) =>
        linearGradient(left!, right!, runKernel(tanhGradientKernel, { y: y!, gradient: dy })[0]!, false),
    };
  })(x, weight, bias);
}

/** a + b of one shape. */
export function sumOfTwo(a: Tensor, b: Tensor): Tensor {
  const [sum] = differentiable({
    inputs: { a, b },
    forward: () => [tf.add(a, b)],
    backward: ([dy]) => ({ a: () => dy!, b: () => tf.clone(dy!) }),
  });
  return sum!;
}

/** x + b with b over all rows: x [lane, rows, columns], bias [lane, 1, columns]. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  tf.customGrad((...[each, shift]) => ({
    value: tf.add(each as Tensor, shift as Tensor),
    gradFunc: (dy: Tensor) => [dy, sumOfRows(dy)],
  }))(x, bias);
