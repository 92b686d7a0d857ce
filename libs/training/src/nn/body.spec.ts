import { cellNames, cells, modelSpec, type ModelSpec } from '@unroll/contracts';
import { everyFastEngine, shareOf } from '../testing/for-each-engine';
import {
  hasKernel,
  mlstmGradientKernel,
  mlstmKernel,
  scanGradientKernel,
  scanKernel,
  selectiveScanGradientKernel,
  selectiveScanKernel,
} from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import { arrayShape, initialValues, place } from './parameter';
import {
  bodyParameters,
  outputAxis,
  outputWidth,
  runBody,
  zeroStates,
  type BodyOptions,
  type BodyResult,
} from './body';
import { getCell } from './cells/cells';
import { recurrentGradientKernel, recurrentKernel } from './recurrent-kernels';
import { denseInput } from './stack';

const [steps, batch, inputs] = [6, 3, 4];
type Given = Partial<Omit<ModelSpec, 'initialisation'>>;
const makeModel = (given: Given): ModelSpec => modelSpec.parse({ hiddenSize: 8, heads: 2, layers: 2, ...given });

/** Parameters of lanes with these seeds, none of them 0; [lane, rows, columns]. */
function makeWeights(model: ModelSpec, seeds: readonly number[]): Tensor[] {
  return bodyParameters(model, inputs, '').map((parameter) => {
    const [rows, columns] = arrayShape(parameter);
    const lanes = seeds.map((seed) => {
      const values = new Float32Array(rows * columns);
      const start = initialValues({ ...parameter, start: { bound: 0.4 } }, seed);
      place(parameter, start, values, 0);
      return tf.tensor2d(values, [rows, columns]);
    });
    return tf.stack(lanes);
  });
}

const makeInput = (seeds: readonly number[], length = steps): Tensor =>
  tf.stack(seeds.map((seed) => tf.randomNormal([length, batch, inputs], 0, 1, 'float32', seed)));

interface Run extends Partial<BodyOptions> {
  x?: Tensor;
  seeds?: readonly number[];
}

/** A run of the body; and the gradients of x and all parameters, of the sum of outputs and final states, each weighed. */
function run(model: ModelSpec, { seeds = [1, 2], x = makeInput(seeds), ...options }: Run = {}) {
  const names = bodyParameters(model, inputs, '').map(({ name }) => name);
  let result: BodyResult | undefined;
  const { grads } = tf.valueAndGrads((input: Tensor, ...weights: Tensor[]) => {
    const named = new Map(names.map((name, index) => [name, weights[index]!]));
    const states = options.states ?? zeroStates(model, seeds.length, batch);
    result = runBody(model, (name) => named.get(name)!, denseInput(input), { training: true, ...options, states });
    tf.keep(result.outputs);
    result.states.flat().forEach((state) => tf.keep(state));
    const all = [result.outputs, ...result.states.flat()];
    return tf.addN(
      all.map((each, index) =>
        tf.sum(tf.mul(each, tf.randomNormal([1, ...each.shape.slice(1)], 0, 1, 'float32', 50 + index))),
      ),
    );
  })([x, ...makeWeights(model, seeds)]);
  return { ...result!, gradients: new Map(['x', ...names].map((name, index) => [name, grads[index]!])) };
}

const readValues = (x: Tensor): Float32Array => x.dataSync() as Float32Array;
const lane = (x: Tensor, index: number): Float32Array => readValues(tf.unstack(x)[index]!);
function expectClose(ours: Tensor, theirs: Tensor): void {
  expect(ours.shape).toEqual(theirs.shape);
  const [error, size] = [tf.sub(ours, theirs), theirs].map((each) => readValues(tf.norm(each))[0]!);
  expect(error).toBeLessThan(1e-5 * (size! + 1e-3));
}
const noRates = { dropout: 0.5, recurrentDropout: 0, weightDrop: 0 };
const random = (update = 1, rates = noRates, seeds: readonly number[] = [1, 2]) =>
  seeds.map((seed) => ({ seed, update, ...rates }));
const cellsWithStates = cellNames.filter((cell) => cell !== 'feed-forward' && cell !== 'transformer');
const cellOf = (cell: ModelSpec['cell']) => getCell({ cell, nonlinearity: 'tanh' });
/** The kernels of a layer of a cell, and of its gradient. */
function kernelsOf(cell: ModelSpec['cell']): readonly [forwards: string, backwards: string] {
  if (cell === 'mlstm') return [mlstmKernel, mlstmGradientKernel];
  if (cell === 'selective-ssm') return [selectiveScanKernel, selectiveScanGradientKernel];
  const { unitScan, gradient } = cellOf(cell);
  return unitScan || !gradient ? [scanKernel, scanGradientKernel] : [recurrentKernel, recurrentGradientKernel];
}
const weighted: readonly string[] = cellNames.filter((cell) => cells[cell].recurrence === 'matrix');
const gated: readonly string[] = cellsWithStates.filter((cell) => cells[cell].recurrence !== 'none');

describe.each(everyFastEngine)('the body of a network on $label', (way) => {
  beforeAll(() => way.open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(cellsWithStates)(
    'runs each layer of %s by one kernel, and its gradient by another, with everything on',
    async (cell) => {
      const all = {
        ...{ bidirectional: true, residual: true, learnedInitialState: true, dropout: 0.5, weightDrop: 0 },
        recurrentDropout: gated.includes(cell) ? 0.5 : 0,
      };
      const { kernels } = await tf.profile(() => {
        run(makeModel({ cell, ...all }), { random: random(1, all) });
        return tf.scalar(0);
      });
      const counts = kernelsOf(cell).map((name) => kernels.filter((kernel) => kernel.name === name).length);
      // An engine without kernels of its own records the steps of a cell whose gradient is not written down.
      const each = hasKernel(kernelsOf(cell)[0]) ? 4 : 0;
      expect(counts).toEqual([each, each]);
      if (way.name === 'native') expect(each).toBe(4);
    },
  );

  it('gives a lane the same bits alone as among others where its layers have different sizes', () => {
    const sizes = { layerSizes: [38, 6, 6], layers: 3, hiddenSize: 6 };
    const model = makeModel({
      ...{ cell: 'gru', bidirectional: true, residual: true, learnedInitialState: true },
      ...sizes,
    });
    const [together, alone] = [run(model), run(model, { seeds: [2] })];
    expect(together.outputs.shape).toEqual([2, steps, batch, outputWidth(model)]);
    expect(together.states[0]!.map(({ shape }) => shape[2])).toEqual([40, 40, 32, 32, 32, 32]);
    expect(lane(alone.outputs, 0)).toEqual(lane(together.outputs, 1));
    for (const [name, gradient] of alone.gradients)
      expect(lane(gradient, 0)).toEqual(lane(together.gradients.get(name)!, 1));
  });

  it.each(cellNames)('gives a lane of %s the same bits alone as among others, with everything on', (cell) => {
    const states = cell !== 'feed-forward' && cell !== 'transformer';
    const model = makeModel({
      ...{ cell, residual: true, learnedInitialState: states, bidirectional: cell !== 'transformer' },
      ...{ dropout: 0.5, recurrentDropout: gated.includes(cell) ? 0.5 : 0 },
      weightDrop: weighted.includes(cell) ? 0.5 : 0,
      zoneout: cells[cell].states.includes('h') ? 0.3 : 0,
    });
    const rates = { dropout: 0.5, recurrentDropout: model.recurrentDropout, weightDrop: model.weightDrop };
    const together = run(model, { random: random(3, rates), window: 4 });
    const alone = run(model, { seeds: [2], random: random(3, rates, [2]), window: 4 });
    expect(together.outputs.shape).toEqual([2, steps, batch, outputWidth(model)]);
    expect(lane(alone.outputs, 0)).toEqual(lane(together.outputs, 1));
    for (const [name, gradient] of together.gradients) {
      expect(lane(alone.gradients.get(name)!, 0)).toEqual(lane(gradient, 1));
      expect(lane(gradient, 1).every(Number.isFinite)).toBe(true);
    }
  });

  it('names what a head reads', () => {
    expect(outputAxis(makeModel({ cell: 'gru', bidirectional: true }))).toEqual({ blocks: 2, size: 8, width: 32 });
    expect(outputAxis(makeModel({ cell: 'layer-norm-lstm' }))).toEqual({ blocks: 1, size: 8, width: 8 });
  });

  it.each(shareOf(way, cellsWithStates))('carries the states of %s from one call to the next', (cell) => {
    const model = makeModel({ cell, learnedInitialState: true });
    const x = makeInput([1, 2]);
    const whole = run(model, { x });
    const [first, second] = tf.split(x, 2, 1) as [Tensor, Tensor];
    const begun = run(model, { x: first });
    const ended = run(model, { x: second, states: begun.states });
    expectClose(tf.concat([begun.outputs, ended.outputs], 1), whole.outputs);
    ended.states.flat().forEach((state, index) => expectClose(state, whole.states.flat()[index]!));
    const name = `initial_${cells[cell].states[0]}_l1`;
    expect(readValues(begun.gradients.get(name)!).some((value) => value !== 0)).toBe(true);
    expect(readValues(ended.gradients.get(name)!).every((value) => value === 0)).toBe(true);
  });

  it('adds the input of a layer to its output if it is residual', () => {
    const [plain, below, residual] = [
      run(makeModel({ cell: 'gru' })),
      run(makeModel({ cell: 'gru', layers: 1 })),
      run(makeModel({ cell: 'gru', residual: true })),
    ];
    expectClose(residual.outputs, tf.add(plain.outputs, below.outputs));
  });

  it('drops recurrent weights: what is dropped has no gradient', () => {
    const model = makeModel({ cell: 'lstm', weightDrop: 0.5, layers: 1 });
    const rates = { dropout: 0, recurrentDropout: 0, weightDrop: 0.5 };
    const dropped = run(model, { random: random(1, rates) });
    const gradient = readValues(dropped.gradients.get('weight_hh_l0')!);
    const units = gradient.filter((_, at) => Math.floor(at / 128) % 32 < 8 && at % 32 < 8);
    const gone = units.filter((value) => value === 0).length / units.length;
    expect(gone).toBeGreaterThan(0.4);
    expect(gone).toBeLessThan(0.6);
    expect(readValues(run(model, { random: random(1, rates) }).outputs)).toEqual(readValues(dropped.outputs));
    expect(readValues(run(model, { random: random(2, rates) }).outputs)).not.toEqual(readValues(dropped.outputs));
  });

  it('drops only in training, by seed and update', () => {
    const model = makeModel({ cell: 'lstm', dropout: 0.5 });
    const plain = readValues(run(model).outputs);
    const dropped = readValues(run(model, { random: random() }).outputs);
    expect(dropped).not.toEqual(plain);
    expect(readValues(run(model, { random: random() }).outputs)).toEqual(dropped);
    expect(readValues(run(model, { random: random(2) }).outputs)).not.toEqual(dropped);
    const names = bodyParameters(model, inputs, '').map(({ name }) => name);
    const weights = makeWeights(model, [1, 2]);
    const options = { states: zeroStates(model, 2, batch), training: false, random: random() };
    const held = runBody(model, (name) => weights[names.indexOf(name)]!, denseInput(makeInput([1, 2])), options);
    expect(readValues(held.outputs)).toEqual(plain);
  });

  it.each(shareOf(way, ['gru', 'lstm', 'peephole-lstm', 'min-gru'] as const, { turn: 1 }))(
    'cuts the gradient of %s between windows, and nothing else',
    (cell) => {
      for (const given of [{}, { bidirectional: true, layers: 1 }]) {
        const model = makeModel({ cell, ...given });
        const x = makeInput([1, 2]);
        const [whole, cut, long] = [run(model, { x }), run(model, { x, window: 4 }), run(model, { x, window: 6 })];
        expectClose(cut.outputs, whole.outputs);
        cut.states.flat().forEach((state, index) => expectClose(state, whole.states.flat()[index]!));
        const name = 'weight_ih_l0';
        expect(lane(long.gradients.get(name)!, 0)).toEqual(lane(whole.gradients.get(name)!, 0));
        expect(lane(cut.gradients.get(name)!, 0)).not.toEqual(lane(whole.gradients.get(name)!, 0));
      }
    },
  );

  it.each(shareOf(way, ['gru', 'lstm', 'layer-norm-lstm', 'min-lstm'] as const))(
    'cuts no gradient of a sequence of %s that ends before a border, or that has not begun there',
    (cell) => {
      const model = makeModel({ cell, bidirectional: true, layers: 1, learnedInitialState: true });
      const x = makeInput([1, 2], 3);
      const valid = tf.cast(tf.tile(tf.tensor3d([1, 1, 1, 0, 0, 0], [1, steps, 1], 'int32'), [2, 1, batch]), 'bool');
      const padded = tf.concat([x, makeInput([3, 4], 3)], 1);
      const short = run(model, { x });
      for (const recompute of [false, true]) {
        const long = run(model, { x: padded, valid, window: 4, recompute });
        for (const [name, gradient] of short.gradients)
          if (name !== 'x') expectClose(long.gradients.get(name)!, gradient);
      }
    },
  );

  it('gives with windows the gradients of windows that start from the states as numbers', () => {
    const model = makeModel({ cell: 'lstm' });
    const x = makeInput([1, 2]);
    const [first, second] = tf.split(x, 2, 1) as [Tensor, Tensor];
    const weights = makeWeights(model, [1, 2]);
    const names = bodyParameters(model, inputs, '').map(({ name }) => name);
    const runWith = (input: Tensor, given: Tensor[], states: Tensor[][], window?: number): BodyResult =>
      runBody(model, (name) => given[names.indexOf(name)]!, denseInput(input), { states, training: true, window });
    const zeros = zeroStates(model, 2, batch);
    const whole = tf.grads((...given) => tf.sum(tf.square(runWith(x, given, zeros, 3).outputs)))(weights);
    const { states } = runWith(first, weights, zeros);
    const parts = [
      tf.grads((...given) => tf.sum(tf.square(runWith(first, given, zeros).outputs)))(weights),
      tf.grads((...given) => tf.sum(tf.square(runWith(second, given, states).outputs)))(weights),
    ];
    whole.forEach((gradient, index) => expectClose(gradient, tf.add(parts[0]![index]!, parts[1]![index]!)));
  });

  it.each(shareOf(way, cellNames))(
    'gives with %s the same outputs and states whatever the values at steps that do not count',
    (cell) => {
      const model = makeModel({ cell, bidirectional: cell !== 'transformer', residual: true });
      const x = makeInput([1, 2]);
      const mask = Array.from({ length: 2 }, () =>
        Array.from({ length: steps }, (_, t) => [t < 6, t < 4, t < 1].map(Number)),
      );
      const valid = tf.tensor3d(mask, [2, steps, batch], 'bool');
      const wide = tf.cast(
        tf.tile(tf.expandDims(tf.tensor3d(mask, [2, steps, batch], 'int32'), 3), [1, 1, 1, 4]),
        'bool',
      );
      const other = tf.where(wide, x, tf.fill(x.shape, 7));
      const [a, b] = [run(model, { x, valid }), run(model, { x: other, valid })];
      expect(readValues(b.outputs)).toEqual(readValues(a.outputs));
      b.states.flat().forEach((state, index) => expect(readValues(state)).toEqual(readValues(a.states.flat()[index]!)));
      for (const [name, gradient] of a.gradients) expectClose(b.gradients.get(name)!, gradient);
    },
  );
});

describe('the body of a network', () => {
  beforeAll(() => everyFastEngine[0]!.open());

  it.each([
    [{ cell: 'transformer', bidirectional: true }, 'a transformer sees the steps before it alone'],
    [{ cell: 'transformer', heads: 3 }, 'hiddenSize 8 is not a multiple of heads 3'],
    [{ cell: 'min-gru', recurrentDropout: 0.1 }, 'recurrentDropout has no effect on min-gru'],
    [{ cell: 'ind-rnn', weightDrop: 0.1 }, 'weightDrop has no effect on ind-rnn'],
    [{ cell: 'lru', zoneout: 0.1 }, 'zoneout has no effect on lru'],
    [{ cell: 'transformer', zoneout: 0.1 }, 'zoneout has no effect on transformer'],
    [{ cell: 'transformer', weightDrop: 0.1 }, 'weightDrop has no effect on transformer'],
  ] as [Given, string][])('refuses %p', (given, message) => {
    expect(() => tf.tidy(() => void run(makeModel(given)))).toThrow(message);
  });
});
