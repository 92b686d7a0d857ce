import { scanBlocks, type ScanCell } from '../scan-cells';
import { numbers } from './kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { cos, exp, max, sin, sqrt } = Math;

export interface ScanShape {
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  masked: boolean;
  /** Whether each row of the batch has weights of its own. */
  ownWeights: boolean;
}

type Values = Float32Array | Float64Array;

/** What a layer is computed from; in float64 where one value has been moved a little. */
export interface ScanInputs extends Omit<ScanShape, 'masked' | 'ownWeights'> {
  cell: ScanCell;
  weightRows: number;
  inputs: Values;
  weights: Values | undefined;
  start: Values;
  valid: Uint8Array | undefined;
}

export function makeScan(cell: ScanCell, { masked, ownWeights, ...shape }: ScanShape) {
  const { lanes, steps, batch, hidden } = shape;
  const blocks = scanBlocks[cell];
  const weightRows = ownWeights ? batch : 1;
  const weights = numbers(lanes * weightRows * blocks.weights * hidden, 2);
  return {
    ...{ ...shape, cell, weightRows },
    inputs: numbers(lanes * steps * batch * blocks.inputs * hidden, 1, 2),
    // The decay of an RG-LRU is not positive.
    weights: blocks.weights === 0 ? undefined : cell === 'rg-lru' ? weights.map((x) => -max(0.05, 2 * x)) : weights,
    start: numbers(lanes * batch * blocks.states * hidden, 3),
    valid: masked
      ? Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0))
      : undefined,
  };
}

const sigmoid = (x: number): number => 1 / (1 + exp(-x));
const aboveZero = (x: number): number => (x >= 0 ? x + 0.5 : sigmoid(x));

/** The states after a step of one unit, by the equations. */
const steps: Record<ScanCell, (x: number[], w: number[], h: number[]) => number[]> = {
  linear: ([a, b], _w, [h]) => [a! * h! + b!],
  lru([re, im], [nu, theta], [x, y]) {
    const [radius, phase] = [exp(-exp(nu!)), exp(theta!)];
    const [a, b, scale] = [radius * cos(phase), radius * sin(phase), sqrt(1 - radius * radius)];
    return [a * x! - b * y! + scale * re!, a * y! + b * x! + scale * im!];
  },
  'min-gru': ([z, y], _w, [h]) => [(1 - sigmoid(z!)) * h! + sigmoid(z!) * aboveZero(y!)],
  'min-lstm'([f, i, y], _w, [h]) {
    const all = sigmoid(f!) + sigmoid(i!);
    return [(sigmoid(f!) / all) * h! + (sigmoid(i!) / all) * aboveZero(y!)];
  },
  'ind-rnn': ([x], [w], [h]) => [max(0, x! + w! * h!)],
  'rg-lru'([r, i, x], [w], [h]) {
    const a = exp(w! * sigmoid(r!));
    return [a * h! + sqrt(1 - a * a) * sigmoid(i!) * x!];
  },
};

/** The layer by its equations, in float64: the sum of all outputs and last states, each times its weight. Also the outputs. */
export function scanLoss(given: ScanInputs, ofOutputs: Values, ofLast: Values, outputs?: Float64Array): number {
  const { cell, lanes, batch, hidden, reverse, valid, inputs, weights, weightRows, start } = given;
  const blocks = scanBlocks[cell];
  const at = (row: number, count: number, block: number, unit: number): number => (row * count + block) * hidden + unit;
  const read = (values: Values, row: number, count: number, unit: number): number[] =>
    Array.from({ length: count }, (_, block) => values[at(row, count, block, unit)]!);
  let loss = 0;
  for (let place = 0; place < lanes * batch; place++)
    for (let unit = 0; unit < hidden; unit++) {
      const [lane, row] = [Math.floor(place / batch), place % batch];
      const ownRow = lane * weightRows + (weightRows > 1 ? row : 0);
      const w = weights ? read(weights, ownRow, blocks.weights, unit) : [];
      let h = read(start, place, blocks.states, unit);
      for (let index = 0; index < given.steps; index++) {
        const step = (lane * given.steps + (reverse ? given.steps - 1 - index : index)) * batch + row;
        if (valid?.[step] === 0) continue;
        h = steps[cell](read(inputs, step, blocks.inputs, unit), w, h);
        h.forEach((value, block) => {
          const place = at(step, blocks.states, block, unit);
          loss += value * ofOutputs[place]!;
          if (outputs) outputs[place] = value;
        });
      }
      h.forEach((value, block) => (loss += value * ofLast[at(place, blocks.states, block, unit)]!));
    }
  return loss;
}
