import { numbers } from './kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { exp, log, max, sqrt, tanh } = Math;

export const gateCounts = [1, 1, 4, 3, 4, 4, 4];
/** Parameters of a unit beside kernel and bias. */
export const ownCounts = [0, 0, 0, 0, 3, 14, 0];
/** Gates whose recurrent product is kept. */
export const productCounts = [0, 0, 0, 1, 0, 4, 0];
/** Numbers of c for each unit. */
export const cellStates = [0, 0, 1, 0, 1, 1, 2];
export const hasC = (cell: number): boolean => cellStates[cell]! > 0;

export interface Layer {
  /** 0 rnn with tanh, 1 rnn with relu, 2 lstm, 3 gru, 4 peephole lstm, 5 lstm with layer normalisation, 6 slstm. */
  cell: number;
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  masked: boolean;
  /** Whether a part of the state is dropped where it enters the gates. */
  dropped?: boolean;
}

type Values = Float32Array | Float64Array;

/** What a layer is computed from; in float64 where one value has been moved a little. */
export interface Inputs extends Omit<Layer, 'masked' | 'dropped'> {
  kernel: Values;
  bias: Values | undefined;
  own: Values | undefined;
  kept: Float32Array | undefined;
  valid: Uint8Array | undefined;
  h0: Values;
  c0: Values | undefined;
  projected: Values;
  /** Added to h after each step. */
  probe: Values;
}

export function makeInputs({ masked, dropped, ...layer }: Layer) {
  const { cell, lanes, steps, batch, hidden } = layer;
  const columns = gateCounts[cell]! * hidden;
  const valid = Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0));
  return {
    ...layer,
    kernel: numbers(lanes * hidden * columns, 1, 1 / Math.sqrt(hidden)),
    bias: cell === 3 ? numbers(lanes * columns, 2) : undefined,
    own: ownCounts[cell] ? numbers(lanes * ownCounts[cell] * hidden, 7) : undefined,
    kept: dropped ? numbers(lanes * batch * hidden, 8).map((value) => (value < 0 ? 0 : 1.5)) : undefined,
    valid: masked ? valid : undefined,
    h0: numbers(lanes * batch * hidden, 3),
    c0: hasC(cell) ? numbers(lanes * batch * hidden * cellStates[cell]!, 4) : undefined,
    projected: numbers(lanes * steps * batch * columns, 5, 2),
    probe: new Float32Array(lanes * steps * batch * hidden),
  };
}

const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** (x − mean) / √(variance + ε) of a row. */
function normalised(x: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value) => (value - mean) / sqrt(variance + 1e-5));
}

/** h·U + bias of one row of h as the gates see it, and its row of `projected`; both normalised where the cell does so. */
function sumsOfGates(inputs: Inputs, lane: number, at: number, h: Float64Array): { x: Float64Array; u: Float64Array } {
  const { cell, hidden, kernel, bias, own, kept, projected, batch } = inputs;
  const width = gateCounts[cell]! * hidden;
  const u = new Float64Array(width);
  if (bias) u.forEach((_, column) => (u[column] = bias[lane * width + column]!));
  for (let k = 0; k < hidden; k++) {
    const seen = h[k]! * (kept ? kept[(lane * batch + (at % batch)) * hidden + k]! : 1);
    const row = (lane * hidden + k) * width;
    for (let column = 0; column < width; column++) u[column]! += seen * kernel[row + column]!;
  }
  const x = Float64Array.from(projected.subarray(at * width, (at + 1) * width));
  if (cell !== 5) return { x, u };
  const parameter = (block: number, column: number): number => own![(lane * 14 + block) * hidden + column]!;
  return {
    x: normalised(x).map((value, column) => value * parameter(0, column)),
    u: normalised(u).map((value, column) => value * parameter(4, column) + parameter(8, column)),
  };
}

/** The same for slstm, by the paper's own equations: c holds c/n and log n. */
function slstmStep(
  { hidden, probe }: Inputs,
  at: number,
  c: Float64Array,
  z: (gate: number, unit: number) => number,
): [Float64Array, Float64Array] {
  const [nextH, nextC] = [new Float64Array(hidden), new Float64Array(2 * hidden)];
  for (let unit = 0; unit < hidden; unit++) {
    const [i, f, n] = [exp(z(0, unit)), sigmoid(z(1, unit)), exp(c[hidden + unit]!)];
    const nextN = f * n + i;
    nextC[unit] = (f * c[unit]! * n + i * tanh(z(2, unit))) / nextN;
    nextC[hidden + unit] = log(nextN);
    nextH[unit] = sigmoid(z(3, unit)) * nextC[unit]! + probe[at * hidden + unit]!;
  }
  return [nextH, nextC];
}

/** One step of one row by the equations of the cell: h and c afterwards. `at` is the row of `projected`. */
function step(
  inputs: Inputs,
  lane: number,
  at: number,
  h: Float64Array,
  c: Float64Array,
): [Float64Array, Float64Array] {
  const { cell, hidden, own } = inputs;
  const { x, u } = sumsOfGates(inputs, lane, at, h);
  const z = (gate: number, unit: number): number => x[gate * hidden + unit]! + u[gate * hidden + unit]!;
  if (cell === 6) return slstmStep(inputs, at, c, z);
  const parameter = (block: number, unit: number): number => own![(lane * ownCounts[cell]! + block) * hidden + unit]!;
  const peephole = (block: number, unit: number, value: number): number =>
    cell === 4 ? parameter(block, unit) * value : 0;
  const nextC = !hasC(cell)
    ? c
    : c.map((value, unit) => {
        const [i, f] = [0, 1].map((gate) => sigmoid(z(gate, unit) + peephole(gate, unit, value)));
        return f! * value + i! * tanh(z(2, unit));
      });
  const inner =
    cell === 5 ? normalised(nextC).map((value, unit) => value * parameter(12, unit) + parameter(13, unit)) : nextC;
  const nextH = h.map((value, unit) => {
    if (cell === 0) return tanh(z(0, unit));
    if (cell === 1) return max(0, z(0, unit));
    if (cell !== 3) return sigmoid(z(3, unit) + peephole(2, unit, nextC[unit]!)) * tanh(inner[unit]!);
    const n = tanh(x[2 * hidden + unit]! + sigmoid(z(0, unit)) * u[2 * hidden + unit]!);
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
      const [width, startC] = [cellStates[cell]! * hidden, (lane * batch + row) * cellStates[cell]! * hidden];
      let c = Float64Array.from(inputs.c0?.subarray(startC, startC + width) ?? []);
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
      h.forEach((value, unit) => (loss += value * weights[start + unit]!));
      c.forEach((value, index) => (loss += value * weights[startC + index + 1]!));
    }
  return loss;
}

/** The outputs by the equations. */
export function computeOutputs(inputs: Inputs, weights: Float32Array): Float64Array {
  const outputs = new Float64Array(inputs.lanes * inputs.steps * inputs.batch * inputs.hidden);
  computeLoss(inputs, weights, outputs);
  return outputs;
}
