import { parseLossExpression, type LossNode } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import type { ElementLoss } from './element-loss';
import { absolute } from './regression';
import { choice, gated } from '../tensor/selection';

/**
 * The loss that an expression such as `abs(prediction - target)^1.5` describes, elementwise, as operations that are
 * differentiated in the prediction. Throws Error with one line where the expression is refused: `parseLossExpression` says
 * what may stand in it.
 *
 * Of the two sides of `a ? b : c` only that which was chosen has a gradient, so that `prediction > 0 ? log(prediction) : 0`
 * is safe. Elsewhere a slope is what mathematics has, which for `sqrt(abs(prediction - target))` is infinite where both are
 * equal; that of abs and sign is 0 at 0.
 */
export function compileLoss(text: string): ElementLoss {
  const tree = parseLossExpression(text);
  return (prediction, target) => filled(evaluate(tree, { prediction, target }), prediction);
}

interface Values {
  prediction: Tensor;
  target: Tensor;
}

/** The value of a node; a scalar where neither prediction nor target is in it. */
function evaluate(node: LossNode, values: Values): Tensor {
  switch (node.kind) {
    case 'number':
      return tf.scalar(node.value);
    case 'prediction':
    case 'target':
      return values[node.kind];
    case 'function':
      if (node.name === 'log' && node.of.kind === 'function' && node.of.name === 'cosh')
        return logCosh(evaluate(node.of.of, values));
      return functions[node.name](evaluate(node.of, values));
    case 'operation':
      if (node.name === 'power' && node.right.kind === 'number' && node.right.value === 2)
        return tf.square(evaluate(node.left, values));
      return operations[node.name](evaluate(node.left, values), evaluate(node.right, values));
    case 'choice':
      return chosen(node, values);
  }
}

const functions: Record<Extract<LossNode, { kind: 'function' }>['name'], (x: Tensor) => Tensor> = {
  abs: absolute,
  cosh: (x) => tf.cosh(x),
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  log1p: (x) => tf.log1p(x),
  negative: (x) => tf.neg(x),
  sigmoid: (x) => tf.sigmoid(x),
  sign: (x) => tf.sign(x),
  sqrt: (x) => tf.sqrt(x),
  square: (x) => tf.square(x),
  tanh: (x) => tf.tanh(x),
};

const operations: Record<Extract<LossNode, { kind: 'operation' }>['name'], (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => tf.add(a, b),
  divide: (a, b) => tf.div(a, b),
  maximum: (a, b) => tf.maximum(a, b),
  minimum: (a, b) => tf.minimum(a, b),
  multiply: (a, b) => tf.mul(a, b),
  power: (a, b) => tf.pow(a, b),
  subtract: (a, b) => tf.sub(a, b),
};

type Choice = Extract<LossNode, { kind: 'choice' }>;

const comparisons: Record<Choice['condition']['comparison'], (a: Tensor, b: Tensor) => Tensor> = {
  '<': (a, b) => tf.less(a, b),
  '<=': (a, b) => tf.lessEqual(a, b),
  '>': (a, b) => tf.greater(a, b),
  '>=': (a, b) => tf.greaterEqual(a, b),
  '==': (a, b) => tf.equal(a, b),
  '!=': (a, b) => tf.notEqual(a, b),
};

/** Each side sees a prediction through which no gradient comes back where the other side was chosen. */
function chosen({ condition, then, otherwise }: Choice, values: Values): Tensor {
  const like = values.prediction;
  const [left, right] = [condition.left, condition.right].map((each) => filled(evaluate(each, values), like));
  const mask = comparisons[condition.comparison](left!, right!);
  const side = (node: LossNode, counts: Tensor): Tensor =>
    filled(evaluate(node, { ...values, prediction: gated(like, counts) }), like);
  return choice(mask, side(then, mask), side(otherwise, tf.logicalNot(mask)));
}

/** A scalar spread over the shape of `like`. */
const filled = (x: Tensor, like: Tensor): Tensor => (x.rank === like.rank ? x : tf.add(tf.zerosLike(like), x));

/** log(cosh(x)) = |x| + log(1 + e^−2|x|) − log 2, which does not overflow where cosh does, above 89; its slope is tanh(x). */
const logCosh = (x: Tensor): Tensor =>
  tf.customGrad((...[given, save]) => {
    (save as (tensors: Tensor[]) => void)([given as Tensor]);
    const size = tf.abs(given as Tensor);
    return {
      value: tf.sub(tf.add(size, tf.log1p(tf.exp(tf.mul(size, -2)))), Math.LN2),
      gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(dy, tf.tanh(kept!)),
    };
  })(x);
