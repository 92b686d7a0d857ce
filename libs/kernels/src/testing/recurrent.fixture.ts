import { numbers } from './kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { exp, max, tanh } = Math;

export const gateCounts = [1, 1, 4, 3];

export interface Layer {
  /** 0 rnn with tanh, 1 rnn with relu, 2 lstm, 3 gru. */
  cell: number;
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  masked: boolean;
}

type Values = Float32Array | Float64Array;

/** What a layer is computed from; in float64 where one value has been moved a little. */
export interface Inputs extends Omit<Layer, 'masked'> {
  kernel: Values;
  bias: Values | undefined;
  valid: Uint8Array | undefined;
  h0: Values;
  c0: Values | undefined;
  projected: Values;
  /** Added to h after each step. */
  probe: Values;
}

export function makeInputs({ masked, ...layer }: Layer) {
  const { cell, lanes, steps, batch, hidden } = layer;
  const columns = gateCounts[cell]! * hidden;
  const valid = Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0));
  return {
    ...layer,
    kernel: numbers(lanes * hidden * columns, 1, 1 / Math.sqrt(hidden)),
    bias: cell === 3 ? numbers(lanes * columns, 2) : undefined,
    valid: masked ? valid : undefined,
    h0: numbers(lanes * batch * hidden, 3),
    c0: cell === 2 ? numbers(lanes * batch * hidden, 4) : undefined,
    projected: numbers(lanes * steps * batch * columns, 5, 2),
    probe: new Float32Array(lanes * steps * batch * hidden),
  };
}

const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** One step of one row by the equations of the cell: h and c afterwards. `at` is the row of `projected`. */
function step(
  inputs: Inputs,
  lane: number,
  at: number,
  h: Float64Array,
  c: Float64Array,
): [Float64Array, Float64Array] {
  const { cell, hidden, kernel, bias, projected } = inputs;
  const gates = gateCounts[cell]!;
  const products = new Float64Array(gates * hidden);
  for (let column = 0; column < products.length; column++)
    products[column] = bias ? bias[lane * products.length + column]! : 0;
  for (let k = 0; k < hidden; k++) {
    const row = (lane * hidden + k) * products.length;
    for (let column = 0; column < products.length; column++) products[column]! += h[k]! * kernel[row + column]!;
  }
  const product = (gate: number, unit: number): number => products[gate * hidden + unit]!;
  const x = (gate: number, unit: number): number => projected[(at * gates + gate) * hidden + unit]!;
  const z = (gate: number, unit: number): number => x(gate, unit) + product(gate, unit);
  const nextC =
    cell !== 2 ? c : c.map((value, unit) => sigmoid(z(1, unit)) * value + sigmoid(z(0, unit)) * tanh(z(2, unit)));
  const nextH = h.map((value, unit) => {
    if (cell === 0) return tanh(z(0, unit));
    if (cell === 1) return max(0, z(0, unit));
    if (cell === 2) return sigmoid(z(3, unit)) * tanh(nextC[unit]!);
    const n = tanh(x(2, unit) + sigmoid(z(0, unit)) * product(2, unit));
    return n + sigmoid(z(1, unit)) * (value - n);
  });
  return [nextH.map((value, unit) => value + inputs.probe[at * hidden + unit]!), nextC];
}

/** The layer by its equations, in float64: the sum of all outputs and final states, each times its weight. */
export function computeLoss(inputs: Inputs, weights: Float32Array, outputs?: Float64Array): number {
  const { cell, lanes, steps, batch, hidden, reverse, valid } = inputs;
  let loss = 0;
  for (let lane = 0; lane < lanes; lane++)
    for (let row = 0; row < batch; row++) {
      const start = (lane * batch + row) * hidden;
      let h = Float64Array.from(inputs.h0.subarray(start, start + hidden));
      let c = Float64Array.from((inputs.c0 ?? inputs.h0).subarray(start, start + hidden));
      for (let index = 0; index < steps; index++) {
        const at = (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
        const isValid = valid ? valid[at] === 1 : true;
        if (isValid) [h, c] = step(inputs, lane, at, h, c) as [typeof h, typeof c];
        for (let unit = 0; unit < hidden; unit++) {
          const output = isValid ? h[unit]! : 0;
          if (outputs) outputs[at * hidden + unit] = output;
          loss += output * weights[at * hidden + unit]!;
        }
      }
      for (let unit = 0; unit < hidden; unit++)
        loss += h[unit]! * weights[start + unit]! + (cell === 2 ? c[unit]! * weights[start + unit + 1]! : 0);
    }
  return loss;
}

/** The outputs by the equations. */
export function computeOutputs(inputs: Inputs, weights: Float32Array): Float64Array {
  const outputs = new Float64Array(inputs.lanes * inputs.steps * inputs.batch * inputs.hidden);
  computeLoss(inputs, weights, outputs);
  return outputs;
}
