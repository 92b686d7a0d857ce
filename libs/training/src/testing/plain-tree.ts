/** For the specs: the child-sum tree-LSTM again, node by node of one tree, in float64 and written as plainly as possible. */

/** Our layout of one lane. */
export interface PlainTreeWeights {
  inputs: number;
  hidden: number;
  /** [inputs, 3·hidden], gates i, g, o. */
  input: Float64Array;
  /** [hidden, 3·hidden] */
  sum: Float64Array;
  /** [hidden, hidden] */
  forget: Float64Array;
  /** [3·hidden] */
  bias: Float64Array;
  /** [hidden] */
  forgetBias: Float64Array;
}

interface State {
  h: number[];
  c: number[];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** x·W + b, a column each. */
const affine = (x: ArrayLike<number>, weight: Float64Array, bias: Float64Array): number[] =>
  Array.from(bias, (start, column) =>
    Array.from(x).reduce((sum, value, row) => sum + value * weight[row * bias.length + column]!, start),
  );

/** The state of a node from those of its children (Tai et al. 2015, equations 2 to 8), or from its word where it has none. */
export function plainNode(weights: PlainTreeWeights, children: readonly State[], word: ArrayLike<number>): State {
  const { hidden, input, sum, forget, bias, forgetBias } = weights;
  const units = Array.from({ length: hidden }, (_, unit) => unit);
  const total = units.map((unit) => children.reduce((all, { h }) => all + h[unit]!, 0));
  const gates = children.length > 0 ? affine(total, sum, bias) : affine(word, input, bias);
  const kept = children.map(({ h, c }) => {
    const gate = affine(h, forget, forgetBias);
    return units.map((unit) => sigmoid(gate[unit]!) * c[unit]!);
  });
  const c = units.map(
    (unit) =>
      sigmoid(gates[unit]!) * Math.tanh(gates[hidden + unit]!) + kept.reduce((all, each) => all + each[unit]!, 0),
  );
  return { h: units.map((unit) => sigmoid(gates[2 * hidden + unit]!) * Math.tanh(c[unit]!)), c };
}
