import { layerUnits, modelSpec, type ModelSpec } from '@unroll/contracts';
import { getCell } from '../nn/cells/cells';
import { everyFastEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { bodyParameters, runBody, zeroStates } from '../nn/body';
import type { Observer } from '../nn/observer';
import { recurrentLayer } from '../nn/recurrent';
import { denseInput } from '../nn/stack';
import { unrolled } from '../nn/cells/unrolled';
import { arrayShape, initialValues, place } from '../nn/parameter';
import type { Inspection } from '../tasks/task';
import type { Named } from '../nn/parameter';
import { inspect } from './inspect';
import { gradientByDistance, memoryHorizon } from './memory';

const lanes = 2;
const lengths = Int32Array.of(6, 3, 5);
const steps = 6;
const inputs = 4;
const makeModel = (given: object): ModelSpec => modelSpec.parse({ hiddenSize: 5, heads: 1, ...given });
const counts = Array.from({ length: steps }, (_, t) => [...lengths].map((length) => Number(t < length)));
const valid = (count = lanes): Tensor =>
  tf.tensor3d(Array<number[][]>(count).fill(counts), [count, steps, lengths.length], 'bool');

/** Weights by name, [lane, rows, columns]: `valueFor` gives a parameter's values in PyTorch's layout, else they are drawn. */
function makeWeights(
  model: ModelSpec,
  valueFor: (name: string, count: number) => number[] | undefined = () => undefined,
) {
  const named = new Map(
    bodyParameters(model, inputs, '').map((parameter) => {
      const [rows, columns] = arrayShape(parameter);
      const each = Array.from({ length: lanes }, (_, lane) => {
        const drawn = initialValues({ ...parameter, start: { bound: 0.8 } }, lane + 1);
        const values = new Float32Array(rows * columns);
        place(parameter, valueFor(parameter.name, drawn.length) ?? drawn, values, 0);
        return tf.tensor2d(values, [rows, columns]);
      });
      return [parameter.name, tf.stack(each)];
    }),
  );
  return (name: string): Tensor => named.get(name)!;
}

/** A network whose loss is the sum of the squares of the last outputs. */
const makeInspection = (model: ModelSpec, x: Tensor): Inspection => ({
  ...{ lengths, steps, widths: layerUnits(model).map(({ width }) => width) },
  loss(parameters: Named, count: number, observer: Observer) {
    const states = zeroStates(model, count, lengths.length);
    const options = { states, valid: valid(count), training: false, observer };
    const { outputs } = runBody(model, parameters, denseInput(x), options);
    const last = tf.tensor2d(counts.map((row, t) => row.map((_, at) => Number(t === lengths[at]! - 1))));
    return tf.sum(tf.mul(tf.square(outputs), tf.reshape(last, [1, steps, lengths.length, 1])), [1, 2, 3]);
  },
});

const input = (): Tensor => tf.randomNormal([lanes, steps, lengths.length, inputs], 0, 1, 'float32', 3);
const readValues = (x: Tensor): Float32Array => x.dataSync() as Float32Array;
const stated = ['rnn', 'lstm', 'gru', 'layer-norm-lstm', 'peephole-lstm', 'min-gru', 'min-lstm', 'ind-rnn'] as const;

describe.each(everyFastEngine)('looking into a network on $label', ({ open }) => {
  beforeAll(() => open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(stated)('the gradient of a state of %s is that of central differences', (name) => {
    const cell = getCell(makeModel({ cell: name }));
    const [hidden, batch] = [3, lengths.length];
    const draw = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0, 0.7, 'float32', seed);
    const layer = {
      projected: draw([lanes, steps, batch, cell.gates * hidden], 1),
      kernel: cell.recurrence === 'kernel' ? draw([lanes, hidden, cell.gates * hidden], 2) : undefined,
      bias: cell.separateRecurrentBias ? draw([lanes, 1, cell.gates * hidden], 3) : undefined,
      own:
        cell.own &&
        Object.fromEntries(
          cell.own.map(({ name, blocks, columns }, at) => [
            name,
            draw([lanes, columns ? columns * hidden : 1, blocks * hidden], 30 + at),
          ]),
        ),
      states: Array.from({ length: cell.states }, (_, index) => draw([lanes, batch, hidden], 9 + index)),
      valid: valid(),
    };
    const weight = draw([1, steps, batch, hidden], 20);
    for (const reverse of [false, true]) {
      const computeLoss = ({ outputs }: { outputs: Tensor }): Tensor => tf.sum(tf.mul(outputs, weight));
      const shape = [lanes, steps, batch, hidden];
      const gradient = tf.grad((probe: Tensor) =>
        computeLoss(recurrentLayer(cell, { ...layer, probe }, { reverse, training: true })),
      )(tf.zeros(shape));
      const found = readValues(gradient);
      const counted = readValues(tf.cast(layer.valid, 'float32'));
      for (let at = 0; at < found.length; at += 17) {
        const shifted = (by: number): number => {
          const moved = new Float32Array(found.length);
          moved[at] = by;
          return readValues(computeLoss(unrolled(cell, { ...layer, probe: tf.tensor(moved, shape) }, reverse)))[0]!;
        };
        const expected = counted[Math.floor(at / hidden)] ? (shifted(0.002) - shifted(-0.002)) / 0.004 : 0;
        expect(found[at]! - expected).toBeCloseTo(0, 2);
      }
    }
  });

  it.each(['rnn', 'lstm', 'gru', 'slstm'] as const)(
    'what the gates of %s let through is what its steps say',
    (name) => {
      const cell = getCell(makeModel({ cell: name }));
      const [hidden, batch] = [3, lengths.length];
      const layer = {
        projected: tf.randomNormal([lanes, steps, batch, cell.gates * hidden], 0, 2, 'float32', 1),
        kernel: tf.randomNormal([lanes, hidden, cell.gates * hidden], 0, 2, 'float32', 2),
        states: Array.from({ length: cell.states }, () => tf.zeros([lanes, batch, hidden])),
        valid: valid(),
        probe: tf.zeros([lanes, steps, batch, hidden]),
      };
      for (const reverse of [false, true]) {
        const { gates } = recurrentLayer(cell, layer, { reverse, training: true });
        const truth = unrolled(cell, layer, reverse).gates;
        if (name === 'rnn') expect([gates, truth]).toEqual([undefined, undefined]);
        else {
          const mask = tf.reshape(tf.cast(layer.valid, 'float32'), [lanes, steps, batch, 1]);
          const error = tf.max(tf.abs(tf.mul(tf.sub(gates!, truth!), mask)));
          expect(readValues(error)[0]).toBeLessThan(1e-6);
        }
      }
    },
  );

  it('the gradient of an rnn with the identity between steps stays, and its horizon is the farthest step', async () => {
    const model = makeModel({ cell: 'rnn', nonlinearity: 'relu' });
    const identity = (factor: number) => (name: string, count: number) =>
      name === 'weight_hh_l0'
        ? Array.from({ length: count }, (_, at) => (at % 6 === 0 ? factor : 0))
        : Array<number>(count).fill(0.5);
    const x = tf.ones([lanes, steps, lengths.length, inputs]);
    for (const [factor, horizon] of [
      [1, 5],
      [0.5, 5],
      [0.3, 3],
      [0.05, 1],
    ] as const) {
      const [first, second] = await inspect(makeInspection(model, x), makeWeights(model, identity(factor)), lanes);
      const profile = gradientByDistance(first!.norms[0]!, lengths);
      profile.forEach((share, distance) => expect(share / factor ** distance).toBeCloseTo(1, 4));
      expect(memoryHorizon([profile])).toBe(horizon);
      expect(second).toEqual(first);
    }
  });

  it.each([...stated, 'feed-forward'] as const)(
    'a lane of %s is seen the same alone and among others, in every layer',
    async (cell) => {
      const model = makeModel({ cell, layers: 2 });
      const x = input();
      const weights = makeWeights(model);
      const both = await inspect(makeInspection(model, x), weights, lanes);
      expect(both.map(({ norms }) => norms.length)).toEqual([2, 2]);
      expect(both[0]!.norms[0]!.every(Number.isFinite)).toBe(true);
      const second = (all: Tensor): Tensor => tf.slice(all, [1], [1]);
      const [alone] = await inspect(makeInspection(model, second(x)), (name) => second(weights(name)), 1);
      expect(alone).toEqual(both[1]);
      expect(alone).not.toEqual(both[0]);
      const before = tf.memory().numTensors;
      await inspect(makeInspection(model, x), weights, lanes);
      expect(tf.memory().numTensors - before).toBeLessThanOrEqual(2);
    },
  );

  it('counts gates that are shut or open, of steps that count alone', async () => {
    const model = makeModel({ cell: 'lstm' });
    const x = input();
    const saturatedWith = async (bias: number): Promise<number> => {
      const given = (name: string, count: number) => Array<number>(count).fill(name.startsWith('bias_ih') ? bias : 0);
      const [inside] = await inspect(makeInspection(model, x), makeWeights(model, given), lanes);
      return inside!.saturated! / (inside!.gates * model.hiddenSize * (6 + 3 + 5));
    };
    expect(await saturatedWith(0)).toBe(0);
    expect(await saturatedWith(3)).toBe(1);
    expect(await saturatedWith(-3)).toBe(1);
  });
});
