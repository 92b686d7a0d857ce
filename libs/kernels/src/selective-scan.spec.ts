import type { Kernels } from './addon';
import { selectiveStates as states } from './selective-states';
import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { exp, log1p } = Math;

interface Shape {
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  masked: boolean;
}

type Values = Float32Array | Float64Array;
type Inputs = Record<'inputs' | 'mixing' | 'weights' | 'start', Values>;

function makeInputs({ lanes, steps, batch, hidden }: Shape): Record<keyof Inputs, Float32Array> {
  return {
    inputs: numbers(lanes * steps * batch * 3 * hidden, 1, 2),
    mixing: numbers(lanes * steps * batch * 2 * states, 2),
    weights: numbers(lanes * (states + 2) * hidden, 3),
    start: numbers(lanes * batch * states * hidden, 4),
  };
}

const makeMask = ({ lanes, steps, batch, masked }: Shape): Uint8Array | undefined =>
  masked ? Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0)) : undefined;

const sigmoid = (x: number): number => 1 / (1 + exp(-x));
const silu = (x: number): number => x * sigmoid(x);

/** The layer by its equations, in float64: all outputs and last states, each times its weight. Also the outputs. */
function computeLoss(shape: Shape, given: Inputs, ofOutputs: Values, ofLast: Values, outputs?: Float64Array): number {
  const { lanes, steps, batch, hidden, reverse } = shape;
  const valid = makeMask(shape);
  let loss = 0;
  for (let place = 0; place < lanes * batch; place++)
    for (let unit = 0; unit < hidden; unit++) {
      const [lane, row] = [Math.floor(place / batch), place % batch];
      const weight = (block: number): number => given.weights[(lane * (states + 2) + block) * hidden + unit]!;
      const s = Array.from({ length: states }, (_, n) => given.start[(place * states + n) * hidden + unit]!);
      for (let index = 0; index < steps; index++) {
        const step = (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
        if (valid?.[step] === 0) continue;
        const read = (block: number): number => given.inputs[(step * 3 + block) * hidden + unit]!;
        const x = silu(read(0));
        const delta = log1p(exp(read(1) + weight(states + 1)));
        let y = weight(states) * x;
        for (let n = 0; n < states; n++) {
          s[n] = exp(-delta * exp(weight(n))) * s[n]! + delta * x * given.mixing[step * 2 * states + n]!;
          y += s[n]! * given.mixing[(step * 2 + 1) * states + n]!;
        }
        const h = y * silu(read(2));
        loss += h * ofOutputs[step * hidden + unit]!;
        if (outputs) outputs[step * hidden + unit] = h;
      }
      s.forEach((value, n) => (loss += value * ofLast[(place * states + n) * hidden + unit]!));
    }
  return loss;
}

const shapes: Shape[] = [
  { lanes: 1, steps: 1, batch: 1, hidden: 1, reverse: false, masked: false },
  { lanes: 2, steps: 4, batch: 3, hidden: 17, reverse: true, masked: true },
  { lanes: 1, steps: 5, batch: 2, hidden: 33, reverse: false, masked: false },
];

/** The kernels' results, and whether all that they wrote is within its array. */
function run(kernels: Kernels, shape: Shape) {
  const { lanes, steps, batch, hidden } = shape;
  const given = makeInputs(shape);
  const all: ReturnType<typeof guarded>[] = [];
  const array = (count: number): Float32Array => {
    all.push(guarded(count));
    return all.at(-1)!.values;
  };
  const [sequence, state] = [lanes * steps * batch * hidden, given.start.length];
  const [ofOutputs, ofLast] = [numbers(sequence, 7), numbers(state, 8)];
  const layer = { ...shape, ...given, valid: makeMask(shape) };
  const outputs = array(sequence);
  kernels.selectiveScan({ ...layer, outputs, last: array(state) });
  const rows = array(lanes * batch * (states + 2) * hidden);
  const gradients = { inputs: array(given.inputs.length), mixing: array(given.mixing.length), start: array(state) };
  kernels.selectiveScanGradient({
    ...layer,
    gradOutputs: ofOutputs,
    gradLast: ofLast,
    gradInputs: gradients.inputs,
    gradMixing: gradients.mixing,
    gradWeights: rows,
    gradStart: gradients.start,
  });
  const weights = new Float32Array(given.weights.length);
  const width = weights.length / lanes;
  rows.forEach((value, at) => (weights[Math.floor(at / width / batch) * width + (at % width)]! += value));
  const intact = (): boolean => all.every((each) => each.intact());
  return { given, outputs, gradients: { ...gradients, weights }, ofOutputs, ofLast, intact };
}

describeEachInstructionSet('the kernels of a selective state space', (kernels) => {
  it.each(shapes)('compute it by its equations, and its gradients, within their arrays: %j', (shape) => {
    const { given, outputs, gradients, ofOutputs, ofLast, intact } = run(kernels, shape);
    const truth = new Float64Array(outputs.length);
    computeLoss(shape, given, ofOutputs, ofLast, truth);
    expectClose(outputs, truth);
    expect(intact()).toBe(true);
    for (const name of ['inputs', 'mixing', 'weights', 'start'] as const)
      for (let at = 0; at < given[name].length; at += Math.ceil(given[name].length / 7)) {
        const moved = (by: number): number => {
          const copy = Float64Array.from(given[name]);
          copy[at]! += by;
          return computeLoss(shape, { ...given, [name]: copy }, ofOutputs, ofLast);
        };
        expect(gradients[name][at]! - (moved(1e-6) - moved(-1e-6)) / 2e-6).toBeCloseTo(0, 3);
      }
  });

  it('give the same bits on any number of threads', () => {
    const results = [1, 2, 3].map((threads) => {
      kernels.useThreads(threads);
      const { outputs, gradients } = run(kernels, shapes[1]!);
      kernels.useThreads(1);
      return { outputs, gradients };
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describeEachInstructionSet('the kernels of the SiLU of the first of three blocks', (kernels) => {
  it.each([
    [1, 1],
    [3, 17],
    [2, 64],
  ])('compute %i rows of %i units, and the gradient', (rows, width) => {
    const [x, gradOut] = [numbers(3 * rows * width, 1, 5), numbers(rows * width, 2)];
    const [out, gradient] = [guarded(rows * width), guarded(3 * rows * width)];
    kernels.firstSilu({ rows, width, x, out: out.values });
    kernels.firstSiluGradient({ rows, width, x, gradOut, out: gradient.values });
    const place = (at: number): number => Math.floor(at / width) * 3 * width + (at % width);
    expectClose(
      out.values,
      Array.from(gradOut, (_, at) => silu(x[place(at)]!)),
    );
    const truth = new Float64Array(3 * rows * width);
    gradOut.forEach((d, at) => {
      const [value, s] = [x[place(at)]!, sigmoid(x[place(at)]!)];
      truth[place(at)] = d * (s + value * s * (1 - s));
    });
    expectClose(gradient.values, truth);
    expect(out.intact() && gradient.intact()).toBe(true);
  });
});

describeEachInstructionSet('the kernels of a gated linear unit', (kernels) => {
  it.each([
    [1, 1],
    [3, 17],
    [2, 64],
  ])('compute %i rows of %i units, and the gradient', (rows, width) => {
    const [x, y, gradOut] = [numbers(2 * rows * width, 1, 3), numbers(2 * rows * width, 2), numbers(rows * width, 3)];
    const [out, gradient] = [guarded(rows * width), guarded(2 * rows * width)];
    kernels.gatedLinearUnit({ rows, width, x, y, out: out.values });
    kernels.gatedLinearUnitGradient({ rows, width, x, y, gradOut, out: gradient.values });
    const z = (at: number): number => x[at]! + y[at]!;
    const place = (at: number): number => Math.floor(at / width) * 2 * width + (at % width);
    expectClose(
      out.values,
      Array.from(gradOut, (_, at) => z(place(at)) * sigmoid(z(place(at) + width))),
    );
    const truth = new Float64Array(2 * rows * width);
    gradOut.forEach((d, at) => {
      const [value, s] = [z(place(at)), sigmoid(z(place(at) + width))];
      truth[place(at)] = d * s;
      truth[place(at) + width] = d * value * s * (1 - s);
    });
    expectClose(gradient.values, truth);
    expect(out.intact() && gradient.intact()).toBe(true);
  });
});
