import type { Kernels } from './addon';
import { scanBlocks, scanCells, type ScanCell } from './scan-cells';
import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';
import { makeScan, scanLoss, type ScanInputs, type ScanShape } from './testing/scan.fixture';

/** The kernels' results for a layer, and whether all that they wrote is within its array. */
function run(kernels: Kernels, given: ReturnType<typeof makeScan>, gradOutputs: Float32Array, gradLast: Float32Array) {
  const all: ReturnType<typeof guarded>[] = [];
  const array = (count: number): Float32Array => {
    all.push(guarded(count));
    return all.at(-1)!.values;
  };
  const layer = { ...given, cell: scanCells.indexOf(given.cell) };
  const outputs = array(gradOutputs.length);
  const states = given.valid ? array(gradOutputs.length) : outputs;
  const last = array(gradLast.length);
  kernels.scan({ ...layer, outputs, states, last });
  const gradInputs = array(given.inputs.length);
  const rows = given.weights && array((given.weights.length / given.weightRows) * given.batch);
  const gradStart = array(given.start.length);
  kernels.scanGradient({ ...layer, states, gradOutputs, gradLast, gradInputs, gradWeights: rows, gradStart });
  const gradients = { inputs: gradInputs, weights: rows && overRows(rows, given), start: gradStart };
  return { outputs, gradients, intact: () => all.every((each) => each.intact()) };
}

/** Gradients of the weights of each row as those of the weights: summed up where all rows have the same. */
function overRows(rows: Float32Array, { lanes, batch, weightRows }: ScanInputs): Float32Array {
  if (weightRows === batch) return rows;
  const width = rows.length / lanes / batch;
  const sums = new Float32Array(lanes * width);
  rows.forEach((value, at) => (sums[Math.floor(at / width / batch) * width + (at % width)]! += value));
  return sums;
}

const shapes: ScanShape[] = [
  { lanes: 1, steps: 1, batch: 1, hidden: 1, reverse: false, masked: false, ownWeights: false },
  { lanes: 2, steps: 5, batch: 3, hidden: 17, reverse: true, masked: true, ownWeights: false },
  { lanes: 2, steps: 4, batch: 2, hidden: 33, reverse: false, masked: true, ownWeights: true },
  { lanes: 1, steps: 6, batch: 5, hidden: 16, reverse: true, masked: false, ownWeights: true },
];

const weigh = (cell: ScanCell, { lanes, steps, batch, hidden }: ScanShape) => {
  const state = lanes * batch * hidden * scanBlocks[cell].states;
  return [numbers(state * steps, 7), numbers(state, 8)] as const;
};

describeEachInstructionSet('the scan kernels', (kernels) => {
  it.each(scanCells)('compute %s by its equations, and its gradients, within their arrays', (cell) => {
    for (const shape of shapes) {
      const given = makeScan(cell, shape);
      const [ofOutputs, ofLast] = weigh(cell, shape);
      const { outputs, gradients, intact } = run(kernels, given, ofOutputs, ofLast);
      const truth = new Float64Array(outputs.length);
      scanLoss(given, ofOutputs, ofLast, truth);
      expectClose(outputs, truth);
      expect(intact()).toBe(true);
      for (const name of ['inputs', 'weights', 'start'] as const) {
        const values = given[name];
        const gradient = gradients[name];
        for (let at = 0; at < (values?.length ?? 0); at += Math.ceil(values!.length / 7)) {
          const moved = (by: number): number => {
            const copy = Float64Array.from(values!);
            copy[at]! += by;
            return scanLoss({ ...given, [name]: copy }, ofOutputs, ofLast);
          };
          expect(gradient![at]! - (moved(1e-6) - moved(-1e-6)) / 2e-6).toBeCloseTo(0, 3);
        }
      }
    }
  });

  it.each(scanCells)('give %s the same bits on any number of threads', (cell) => {
    const shape = shapes[3]!;
    const given = makeScan(cell, shape);
    const results = [1, 2, 3].map((threads) => {
      kernels.useThreads(threads);
      const { outputs, gradients } = run(kernels, given, ...weigh(cell, shape));
      kernels.useThreads(1);
      return { outputs, gradients };
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('compute the shares of a min-lstm whose gates are all but closed', () => {
    const given = makeScan('min-lstm', { ...shapes[0]!, steps: 4 });
    given.inputs.set([-200, -200, 1, -300, -200, 1, -200, -300, 1, 100, 100, -1]);
    given.start.set([3]);
    const [ofOutputs, ofLast] = weigh('min-lstm', { ...shapes[0]!, steps: 4 });
    const { outputs, gradients } = run(kernels, given, ofOutputs, ofLast);
    // Both alike, all new, all kept, both alike.
    expectClose(outputs, [2.25, 1.5, 1.5, 0.5 * 1.5 + 0.5 / (1 + Math.E)]);
    expect(gradients.inputs.every(Number.isFinite)).toBe(true);
  });

  it('refuse a state of the wrong length, weights that are missing and an unknown cell', () => {
    const given = makeScan('ind-rnn', shapes[0]!);
    const weights = weigh('ind-rnn', shapes[0]!);
    expect(() => run(kernels, { ...given, start: new Float32Array(3) }, ...weights)).toThrow(
      'start must have 1 values',
    );
    expect(() => run(kernels, { ...given, weights: undefined }, ...weights)).toThrow('weights must be a Float32Array');
    expect(() => run(kernels, { ...given, weightRows: 3 }, ...weights)).toThrow('weightRows must be 1 or batch');
    const wrong = { ...given, cell: 6, outputs: weights[0], states: weights[0], last: weights[1] };
    expect(() => kernels.scan(wrong)).toThrow('cell must be at most 5');
  });
});
