import { cellNames, cells, modelSpec, type ModelSpec } from '@unroll/contracts';
import { everyFastEngine, shareOf } from '../testing/for-each-engine';
import { gradientsWithin } from '../tensor/differentiable';
import { tf, type Tensor } from '../tensor/tfjs';
import { bodyParameters, runBody, zeroStates, type BodyOptions, type BodyResult } from './body';
import { initialValues, arrayShape, place } from './parameter';
import { getCell } from './cells/cells';
import { runsByKernel } from './recurrent';
import { denseInput, tokenInput, type Input } from './stack';

// In segments of 6 and 5 steps.
const [lanes, steps, batch, inputs, symbols] = [2, 11, 3, 4, 5];
type Given = Partial<Omit<ModelSpec, 'initialisation'>>;
const makeModel = (given: Given): ModelSpec => modelSpec.parse({ hiddenSize: 8, heads: 2, ...given });

function makeWeights(model: ModelSpec): Tensor[] {
  return bodyParameters(model, inputs, '').map((parameter) => {
    const [rows, columns] = arrayShape(parameter);
    const each = Array.from({ length: lanes }, (_, seed) => {
      const values = new Float32Array(rows * columns);
      place(parameter, initialValues({ ...parameter, start: { bound: 0.4 } }, seed), values, 0);
      return tf.tensor2d(values, [rows, columns]);
    });
    return tf.stack(each);
  });
}

const noise = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const ids = (): Tensor =>
  tf.tensor3d(
    Array.from({ length: lanes * steps * batch }, (_, at) => (at * 7) % symbols),
    [lanes, steps, batch],
    'int32',
  );
/** Which steps count: all of the first sequence, 5 of the second, none of the third. */
const mask = (): Tensor =>
  tf.tensor3d(
    Array.from({ length: lanes * steps }, (_, at) => [1, at % steps < 5 ? 1 : 0, 0]).flat(),
    [lanes, steps, batch],
    'bool',
  );

/** What a network gives, and the gradients of its parameters, its first states and what it reads. */
function run(model: ModelSpec, options: Partial<BodyOptions> & { tokens?: boolean } = {}) {
  const { tokens, ...others } = options;
  const names = bodyParameters(model, inputs, '').map(({ name }) => name);
  const read = noise(tokens ? [lanes, symbols, inputs] : [lanes, steps, batch, inputs], 3);
  const first = zeroStates(model, lanes, batch).map((layers) => layers.map(({ shape }, at) => noise(shape, 9 + at)));
  let result: BodyResult | undefined;
  const flat = [read, ...makeWeights(model), ...first.flat()];
  const weigh = ([x, ...rest]: readonly Tensor[]): Tensor => {
    const input: Input = tokens ? tokenInput(x!, ids()) : denseInput(x!);
    const named = new Map(names.map((name, index) => [name, rest[index]!]));
    const given = rest.slice(names.length);
    const states = first.map((layers, state) => layers.map((_, layer) => given[state * layers.length + layer]!));
    result = runBody(model, (name) => named.get(name)!, input, { training: true, ...others, states });
    const all = [result.outputs, ...result.states.flat()];
    all.forEach((each) => tf.keep(each));
    return tf.addN(all.map((each, at) => tf.sum(tf.mul(each, noise([1, ...each.shape.slice(1)], 50 + at)))));
  };
  // Running statistics have no gradient.
  const grads = gradientsWithin(() => weigh(flat), flat);
  return { values: [result!.outputs, ...result!.states.flat()], gradients: grads };
}

const numbersOf = (x: Tensor): Float32Array => x.dataSync() as Float32Array;
const norm = (x: Tensor): number => numbersOf(tf.norm(x))[0]!;

function expectClose(ours: readonly Tensor[], theirs: readonly Tensor[]): void {
  theirs.forEach((each, at) => {
    expect(ours[at]!.shape).toEqual(each.shape);
    expect(norm(tf.sub(ours[at]!, each))).toBeLessThan(2e-6 * (norm(each) + 1e-2));
  });
}

/** The same values, bit for bit where steps are computed one by one, and the same gradients, which are summed up in another order. */
function expectSame(model: ModelSpec, options: Parameters<typeof run>[1] = {}): void {
  const [plain, recomputed] = [run(model, options), run(model, { ...options, recompute: true })];
  if (runsByKernel(getCell(model)))
    plain.values.forEach((each, at) => expect(numbersOf(recomputed.values[at]!)).toEqual(numbersOf(each)));
  expectClose(recomputed.values, plain.values);
  expectClose(recomputed.gradients, plain.gradients);
}

const withStates = cellNames.filter((cell) => cells[cell].states.length > 0);
const random = (rates: object) =>
  Array.from({ length: lanes }, (_, seed) => ({
    ...{ seed, update: 1, dropout: 0, recurrentDropout: 0, weightDrop: 0 },
    ...rates,
  }));

describe.each(everyFastEngine)('layers that are computed again for the gradient on $label', (way) => {
  beforeAll(() => way.open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(shareOf(way, withStates))('are those that keep everything: %s, with steps that do not count', (cell) => {
    expectSame(makeModel({ cell }), { valid: mask() });
  });

  const cases: [string, Given, (Partial<BodyOptions> & { tokens?: boolean; masked?: boolean })?][] = [
    ['tokens', { cell: 'lstm' }, { tokens: true }],
    ['both directions', { cell: 'gru', bidirectional: true, layers: 2, residual: true }, { masked: true }],
    ['zoneout', { cell: 'lstm', zoneout: 0.3 }, { random: random({}) }],
    ['dropout', { cell: 'gru', layers: 2, dropout: 0.4 }, { random: random({ dropout: 0.4 }) }],
    ['recurrent dropout', { cell: 'lstm', recurrentDropout: 0.4 }, { random: random({ recurrentDropout: 0.4 }) }],
    ['dropped weights', { cell: 'rnn', weightDrop: 0.4 }, { random: random({ weightDrop: 0.4 }) }],
    ['batch normalisation', { cell: 'lstm', batchNorm: true }],
    ['a learned first state', { cell: 'lstm', learnedInitialState: true }],
    ['windows', { cell: 'lstm', layers: 2 }, { window: 4 }],
    ['windows backwards', { cell: 'gru', bidirectional: true }, { window: 3, masked: true }],
    ['one window', { cell: 'gru' }, { window: steps }],
  ];

  it.each(shareOf(way, cases, { turn: 1 }))('are those that keep everything: %s', (_, given, options = {}) => {
    const { masked, ...others } = options;
    expectSame(makeModel(given), { ...others, valid: masked ? mask() : undefined });
  });
});

describe('computing layers again', () => {
  it('leaves no tensor behind, and takes a fraction of the memory', async () => {
    await everyFastEngine.at(-1)!.open();
    const model = makeModel({ cell: 'lstm', hiddenSize: 64 });
    const length = 144;
    const peak = async (recompute: boolean): Promise<number> => {
      const weights = makeWeights(model);
      const x = noise([lanes, length, batch, inputs], 1);
      const before = tf.memory().numTensors;
      const { peakBytes } = await tf.profile(() =>
        tf.tidy(() => {
          const names = bodyParameters(model, inputs, '').map(({ name }) => name);
          const states = zeroStates(model, lanes, batch);
          const options = { states, training: true, recompute };
          tf.grads((...given: Tensor[]) =>
            tf.sum(runBody(model, (name) => given[names.indexOf(name)]!, denseInput(x), options).outputs),
          )(weights);
          return tf.scalar(0);
        }),
      );
      expect(tf.memory().numTensors).toBe(before + 1);
      tf.dispose([x, ...weights]);
      return peakBytes - 4 * lanes * length * batch * inputs;
    };
    const [all, some] = [await peak(false), await peak(true)];
    expect(some).toBeLessThan(0.7 * all);
  });
});
