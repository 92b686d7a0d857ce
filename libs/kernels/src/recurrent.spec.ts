import type { Kernels } from './addon';
import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';
import {
  cellStates,
  computeLoss,
  computeOutputs,
  gateCounts,
  hasC,
  makeInputs,
  ownCounts,
  productCounts,
  type Inputs,
  type Layer,
} from './testing/recurrent.fixture';

/**
 * The kernels' result for a layer, and whether all that they wrote is within its array. `inPlace`: gates are written over what they are
 * computed from, and their gradients over gates; where the outputs are the gates, these over it.
 */
function run(kernels: Kernels, inputs: ReturnType<typeof makeInputs>, weights: Float32Array, inPlace = false) {
  const { cell, lanes, steps, batch, hidden, valid, bias, own } = inputs;
  const [state, sequence, gates] = [lanes * batch * hidden, lanes * steps * batch * hidden, gateCounts[cell]!];
  const all: ReturnType<typeof guarded>[] = [];
  const array = (count: number, exists = true): Float32Array | undefined => {
    if (exists) all.push(guarded(count));
    return exists ? all.at(-1)!.values : undefined;
  };
  const areOutputs = inPlace && gates === 1 && !valid;
  const room = array(sequence * gates)!;
  if (inPlace) room.set(inputs.projected);
  const outputs = areOutputs ? room : array(sequence)!;
  const forward = {
    ...inputs,
    ...(inPlace && { projected: room }),
    outputs,
    hiddens: valid ? array(sequence)! : outputs,
    gates: room,
    cells: array(sequence * cellStates[cell]!, hasC(cell)),
    products: array(sequence * productCounts[cell]!, productCounts[cell] !== 0),
    statistics: array(lanes * steps * batch * 6, cell === 5),
    hT: array(state)!,
    cT: array(state * cellStates[cell]!, hasC(cell)),
  };
  kernels.recurrent(forward);
  const gradients = {
    gradProjected: inPlace && !areOutputs ? room : array(sequence * gates)!,
    gradKernel: array(lanes * hidden * hidden * gates)!,
    gradBias: array(lanes * gates * hidden, bias !== undefined),
    gradOwn: array(lanes * ownCounts[cell]! * hidden, own !== undefined),
    gradH0: array(state)!,
    gradC0: array(state * cellStates[cell]!, hasC(cell)),
    gradHiddens: array(sequence)!,
  };
  kernels.recurrentGradient({
    ...forward,
    ...gradients,
    gradOutputs: weights.slice(0, sequence),
    gradHT: weights.slice(0, state),
    gradCT: hasC(cell) ? weights.slice(1, 1 + state * cellStates[cell]!) : undefined,
  });
  return { outputs, gradients, intact: () => all.every((each) => each.intact()) };
}

type Gradients = ReturnType<typeof run>['gradients'];

/** Central differences at some values of each input. */
function expectGradients(inputs: Inputs, weights: Float32Array, gradients: Gradients): void {
  for (const [name, gradient] of [
    ['projected', gradients.gradProjected],
    ['kernel', gradients.gradKernel],
    ['h0', gradients.gradH0],
    ['c0', gradients.gradC0],
    ['bias', gradients.gradBias],
    ['own', gradients.gradOwn],
    ['probe', gradients.gradHiddens],
  ] as const) {
    if (!gradient) continue;
    const values = inputs[name]!;
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 5)) {
      const moved = (by: number): number => {
        const copy = Float64Array.from(values);
        copy[at]! += by;
        return computeLoss({ ...inputs, [name]: copy }, weights);
      };
      expect(gradient[at]! - (moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(0, 3);
    }
  }
}

/** Outputs by cell and hidden size: slow to compute, and the same for every instruction set. */
const truths = new Map<string, Float64Array>();

const shapes: Omit<Layer, 'cell'>[] = [
  { lanes: 1, steps: 1, batch: 1, hidden: 1, reverse: false, masked: false },
  { lanes: 2, steps: 3, batch: 1, hidden: 2, reverse: true, masked: true },
  { lanes: 1, steps: 2, batch: 7, hidden: 15, reverse: false, masked: true },
  { lanes: 2, steps: 2, batch: 5, hidden: 17, reverse: true, masked: false },
  { lanes: 1, steps: 2, batch: 13, hidden: 33, reverse: false, masked: false },
  { lanes: 1, steps: 2, batch: 3, hidden: 65, reverse: true, masked: true },
  { lanes: 2, steps: 3, batch: 4, hidden: 18, reverse: false, masked: true, dropped: true },
  { lanes: 1, steps: 3, batch: 9, hidden: 33, reverse: true, masked: false, dropped: true },
];

describeEachInstructionSet('the recurrent kernels', (kernels) => {
  it.each([0, 1, 2, 3, 4, 5, 6])('compute cell %i by its equations, and its gradients, within their arrays', (cell) => {
    for (const shape of shapes) {
      const inputs = makeInputs({ cell, ...shape });
      const { lanes, steps, batch, hidden } = shape;
      const weights = numbers(lanes * (steps + 1) * batch * hidden * 2 + 1, 6);
      const { outputs, gradients, intact } = run(kernels, inputs, weights);
      expectClose(outputs, computeOutputs(inputs, weights));
      expect(intact()).toBe(true);
      expectGradients(inputs, weights, gradients);
    }
  });

  it('are right for hidden sizes of every remainder, up to 1,025', () => {
    for (const hidden of [16, 31, 100, 255, 300, 1025])
      for (const cell of [0, 2, 3, 4, 5, 6]) {
        const inputs = makeInputs({ cell, lanes: 1, steps: 2, batch: 2, hidden, reverse: false, masked: false });
        const weights = numbers(3 * 2 * 2 * hidden + 1, 6);
        const key = `${cell} ${hidden}`;
        const truth = truths.get(key) ?? computeOutputs(inputs, weights);
        truths.set(key, truth);
        const { outputs, intact } = run(kernels, inputs, weights);
        expectClose(outputs, truth);
        expect(intact()).toBe(true);
      }
  });

  it.each([0, 2, 3, 4, 5, 6])(
    'give a lane of cell %i the same bits alone as among others, on any number of threads',
    (cell) => {
      const layer = { lanes: 2, steps: 3, batch: 5, hidden: 19, reverse: false, masked: true, dropped: true };
      const inputs = makeInputs({ cell, ...layer });
      const weights = numbers(1000, 6);
      const one = run(kernels, inputs, weights);
      kernels.useThreads(3);
      const three = run(kernels, inputs, weights);
      kernels.useThreads(1);
      expect([three.outputs, three.gradients]).toEqual([one.outputs, one.gradients]);
      const half = Object.entries(inputs).map(([name, values]) => [
        name,
        typeof values === 'object' ? values.slice(0, values.length / 2) : values,
      ]);
      const alone = run(kernels, { ...(Object.fromEntries(half) as typeof inputs), lanes: 1 }, weights);
      for (const [name, values] of Object.entries({ outputs: one.outputs, ...one.gradients })) {
        const own = { outputs: alone.outputs, ...alone.gradients }[name];
        expect(own).toEqual(values?.slice(0, values.length / 2));
      }
    },
  );

  it.each([0, 1, 2, 3, 4, 6])('write over what cell %i has read, with the same bits', (cell) => {
    for (const precision of kernels.precisions())
      for (const shape of shapes) {
        const inputs = makeInputs({ cell, ...shape });
        const weights = numbers(shape.lanes * (shape.steps + 1) * shape.batch * shape.hidden * 2 + 1, 6);
        kernels.usePrecision(precision);
        const [apart, over] = [false, true].map((inPlace) => run(kernels, inputs, weights, inPlace));
        kernels.usePrecision('float32');
        expect(over!.gradients).toEqual(apart!.gradients);
        expect(over!.outputs).toEqual(apart!.outputs);
        expect(over!.intact()).toBe(true);
      }
  });

  it('refuse to write over sums whose normalisation is differentiated', () => {
    const inputs = makeInputs({ ...shapes[0]!, cell: 5 });
    expect(() => run(kernels, inputs, numbers(9, 1), true)).toThrow('gates and projected must differ');
  });

  it('keep states in float32 whatever products are rounded to: an LSTM counts beyond 256', () => {
    const [steps, hidden] = [400, 18];
    const [sequence, zeros] = [steps * hidden, new Float32Array(4 * hidden * hidden)];
    for (const precision of kernels.precisions()) {
      const cT = new Float32Array(hidden);
      const outputs = new Float32Array(sequence);
      kernels.usePrecision(precision);
      kernels.recurrent({
        ...{ cell: 2, lanes: 1, steps, batch: 1, hidden, reverse: false, kernel: zeros, outputs, hiddens: outputs },
        // Open gates, and 1 to be added at each step.
        projected: new Float32Array(4 * sequence).fill(50),
        ...{ h0: new Float32Array(hidden), c0: new Float32Array(hidden), cells: new Float32Array(hidden) },
        ...{ hT: new Float32Array(hidden), cT },
      });
      kernels.usePrecision('float32');
      expect([...new Set(cT)]).toEqual([steps]);
    }
  });

  it('refuse a state of the wrong length', () => {
    const inputs = makeInputs({ ...shapes[0]!, cell: 2 });
    expect(() => run(kernels, { ...inputs, h0: new Float32Array(3) }, numbers(9, 1))).toThrow(
      'h0 must have 1 values, not 3',
    );
  });
});
