import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelSpec, type ModelSpec } from '@unroll/contracts';
import { everyFastEngine, shareOf } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { arrayShape, initialValues, place } from './parameter';
import { batchNorm, runningNorm } from './batch-norm';
import { bodyParameters, runBody, zeroStates, type BodyResult } from './body';
import { denseInput } from './stack';

interface Case {
  lengths: number[];
  columns: number;
  x: number[][][];
  before: { weight: number[]; bias: number[]; running_mean: number[]; running_var: number[] };
  lossWeights: number[][][];
  outputs: number[][];
  gradients: { x: number[][][]; weight: number[]; bias: number[] };
  runningMean: number[];
  runningVar: number[];
  evaluated: number[][];
}
const folder = join(__dirname, '..', '..', '..', '..', 'tests', 'reference');
const { cases } = JSON.parse(readFileSync(join(folder, 'batch-normalisation.json'), 'utf8')) as { cases: Case[] };

const readValues = (x: Tensor): Float32Array => x.dataSync() as Float32Array;
const lane = (x: Tensor, index: number): Float32Array => readValues(tf.slice(x, [index], [1]));
const expectClose = (ours: ArrayLike<number>, theirs: ArrayLike<number>): void => {
  expect(ours).toHaveLength(theirs.length);
  Array.from(ours).forEach((value, index) => expect(value).toBeCloseTo(theirs[index]!, 4));
};

const [steps, batch, inputs] = [6, 3, 4];
const lengths = [6, 4, 1];
const makeMask = (lanes: number, of = lengths): Tensor =>
  tf.tensor3d(
    Array.from({ length: lanes }, () => Array.from({ length: steps }, (_, t) => of.map((n) => Number(t < n)))),
    [lanes, steps, of.length],
    'bool',
  );
const makeModel = (given: object): ModelSpec =>
  modelSpec.parse({ hiddenSize: 5, layers: 2, batchNorm: true, ...given });
const cells = ['rnn', 'lstm', 'gru', 'peephole-lstm', 'min-gru', 'min-lstm', 'ind-rnn', 'feed-forward'] as const;

/** Parameters of lanes with these seeds, [lane, rows, columns]; variances above 0. */
const makeWeights = (model: ModelSpec, seeds: readonly number[]): Tensor[] =>
  bodyParameters(model, inputs, '').map((parameter) => {
    const [rows, columns] = arrayShape(parameter);
    const each = seeds.map((seed) => {
      const drawn = initialValues({ ...parameter, start: { bound: 0.6 } }, seed);
      const values = new Float32Array(rows * columns);
      place(parameter, parameter.name.endsWith('running_var') ? drawn.map((value) => value + 1) : drawn, values, 0);
      return tf.tensor2d(values, [rows, columns]);
    });
    return tf.stack(each);
  });

interface Given {
  seeds?: readonly number[];
  x?: Tensor;
  valid?: Tensor;
  training?: boolean;
  weights?: Tensor[];
  /** By default as in training. */
  differentiate?: boolean;
}
const makeInput = (seeds: readonly number[]): Tensor =>
  tf.stack(seeds.map((seed) => tf.randomNormal([steps, batch, inputs], 0, 1, 'float32', seed)));

function run(model: ModelSpec, { seeds = [1, 2], x = makeInput(seeds), valid, weights, ...given }: Given = {}) {
  const { training = true, differentiate = training } = given;
  const parameters = bodyParameters(model, inputs, '');
  const names = parameters.map(({ name }) => name);
  const all = weights ?? makeWeights(model, seeds);
  const trained = parameters.flatMap(({ buffer }, index) => (buffer ? [] : [index]));
  const states = zeroStates(model, seeds.length, x.shape[2]!);
  let result: BodyResult | undefined;
  const computeLoss = (...own: Tensor[]): Tensor => {
    const [input, ...rest] = own as [Tensor, ...Tensor[]];
    const current = all.map((each, index) => rest[trained.indexOf(index)] ?? each);
    const named = (name: string): Tensor => current[names.indexOf(name)]!;
    result = runBody(model, named, denseInput(input), { states, valid: valid ?? makeMask(seeds.length), training });
    const outputs = tf.keep(result.outputs);
    Object.values(result.buffers).forEach((each) => tf.keep(each));
    const factors = tf.randomNormal([1, ...outputs.shape.slice(1)], 0, 1, 'float32', 77);
    return tf.sum(tf.mul(outputs, factors), [1, 2, 3]);
  };
  const args = [x, ...trained.map((index) => all[index]!)];
  const { value, grads } = differentiate
    ? tf.valueAndGrads(computeLoss)(args)
    : { value: computeLoss(...args), grads: [] };
  const names2 = ['x', ...trained.map((index) => names[index]!)];
  return { ...result!, loss: value, gradients: new Map(grads.map((each, index) => [names2[index]!, each])) };
}

describe.each(everyFastEngine)('batch normalisation on $label', (way) => {
  beforeAll(() => way.open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(cases)('is that of PyTorch over the rows that count, of $lengths steps', (each) => {
    const lanes = 2;
    const [rows, columns, time] = [each.lengths.length, each.columns, each.x[0]!.length];
    // PyTorch's [batch, time, columns]; a second lane has twice the values.
    const inLanes = (values: number[][][]): Tensor => {
      const own = tf.transpose(tf.tensor3d(values), [1, 0, 2]);
      return tf.stack([own, tf.mul(own, 2)]);
    };
    const vector = (values: number[]): Tensor => tf.stack([tf.tensor2d([values]), tf.tensor2d([values])]);
    const mask = Array.from({ length: time }, (_, t) => each.lengths.map((length) => Number(t < length)));
    const valid = tf.tensor3d([mask, mask], [lanes, time, rows], 'bool');
    const x = inLanes(each.x);
    const { weight, bias, running_mean, running_var } = each.before;
    const norm = {
      ...{ weight: vector(weight), bias: vector(bias) },
      ...{ mean: vector(running_mean), variance: vector(running_var) },
    };
    const validRows = (values: Tensor): number[] => {
      const all = tf.transpose(tf.squeeze(tf.slice(values, [0], [1]), [0]), [1, 0, 2]).arraySync() as number[][][];
      return all.flatMap((sequence, row) => sequence.slice(0, each.lengths[row])).flat();
    };
    const { values, running } = batchNorm(x, valid, norm);
    expectClose(validRows(values), each.outputs.flat());
    expectClose(lane(running.mean, 0), each.runningMean);
    expectClose(lane(running.variance, 0), each.runningVar);
    expectClose(validRows(runningNorm(x, valid, { ...norm, ...running })), each.evaluated.flat());
    const factors = tf.where(
      tf.cast(tf.tile(tf.expandDims(tf.cast(valid, 'int32'), 3), [1, 1, 1, columns]), 'bool'),
      inLanes(each.lossWeights),
      tf.zerosLike(x),
    );
    const grads = tf.grads((input: Tensor, scale: Tensor, shift: Tensor) =>
      tf.sum(tf.mul(batchNorm(input, valid, { ...norm, weight: scale, bias: shift }).values, factors)),
    )([x, norm.weight, norm.bias]);
    expectClose(
      readValues(tf.transpose(tf.squeeze(tf.slice(grads[0]!, [0], [1]), [0]), [1, 0, 2])),
      each.gradients.x.flat(2),
    );
    expectClose(lane(grads[1]!, 0), each.gradients.weight);
    expectClose(lane(grads[2]!, 0), each.gradients.bias);
  });

  it.each(shareOf(way, cells))(
    'gives a lane of %s the same bits alone as among others, of whatever lengths',
    (cell) => {
      const model = makeModel({ cell, bidirectional: cell !== 'feed-forward' });
      const valid = tf.concat([makeMask(1, [2, 6, 5]), makeMask(1)], 0);
      const [both, alone] = [run(model, { valid }), run(model, { seeds: [2], valid: makeMask(1) })];
      expect(lane(alone.outputs, 0)).toEqual(lane(both.outputs, 1));
      expect(Object.keys(both.buffers)).toContain('norm_ih_l1.running_var');
      for (const [name, value] of Object.entries(both.buffers))
        expect(lane(alone.buffers[name]!, 0)).toEqual(lane(value, 1));
      for (const [name, value] of both.gradients) expect(lane(alone.gradients.get(name)!, 0)).toEqual(lane(value, 1));
    },
  );

  it.each(shareOf(way, cells, { turn: 1 }))(
    'of %s sees nothing of steps that do not count, nor of rows without a sequence',
    (cell) => {
      const model = makeModel({ cell });
      const x = makeInput([1, 2]);
      const wide = tf.cast(tf.tile(tf.expandDims(tf.cast(makeMask(2), 'int32'), 3), [1, 1, 1, inputs]), 'bool');
      const plain = run(model, { x });
      const wild = run(model, { x: tf.where(wide, x, tf.fill(x.shape, 1e9)) });
      expect(readValues(wild.outputs)).toEqual(readValues(plain.outputs));
      for (const [name, value] of Object.entries(plain.buffers))
        expect(readValues(wild.buffers[name]!)).toEqual(readValues(value));
      for (const [name, value] of plain.gradients)
        expect(readValues(wild.gradients.get(name)!)).toEqual(readValues(value));
      const more = run(model, {
        x: tf.concat([x, tf.ones([2, steps, 1, inputs])], 2),
        valid: makeMask(2, [...lengths, 0]),
      });
      expectClose(readValues(tf.slice(more.outputs, [0, 0, 0, 0], plain.outputs.shape)), readValues(plain.outputs));
    },
  );

  it.each(shareOf(way, cells))('leaves the padded units of %s at exactly 0', (cell) => {
    const model = makeModel({ cell });
    const { outputs, buffers, gradients } = run(model);
    const width = outputs.shape[3]!;
    const beyond = (x: Tensor): Float32Array =>
      readValues(tf.slice(tf.reshape(x, [-1, width]), [0, 5], [-1, width - 5]));
    for (const each of [
      outputs,
      ...Object.values(buffers),
      gradients.get('norm_ih_l0.weight')!,
      gradients.get('norm_ih_l0.bias')!,
    ])
      expect(beyond(each).every((value) => value === 0)).toBe(true);
  });

  it.each(shareOf(way, cells))('has the gradient of central differences through %s', (cell) => {
    const model = makeModel({ cell, hiddenSize: 3 });
    // Of these no activation is near the bend of a ReLU.
    const seeds = [4];
    const weights = makeWeights(model, seeds);
    const parameters = bodyParameters(model, inputs, '');
    const { gradients } = run(model, { seeds, weights });
    for (const name of ['norm_ih_l0.weight', 'norm_ih_l1.bias', 'weight_ih_l0', 'weight_ih_l1']) {
      const index = parameters.findIndex((each) => each.name === name);
      const gradient = gradients.get(name)!;
      // Along the gradient and a random direction at once: an error of any kind shows. Padding stays at 0, where ReLUs bend.
      const unit = (x: Tensor): Tensor => tf.div(x, tf.norm(x));
      const noise = tf.mul(tf.randomNormal(gradient.shape, 0, 1, 'float32', 5), tf.abs(tf.sign(weights[index]!)));
      const direction = tf.add(unit(gradient), unit(noise));
      const lossAt = (step: number): number => {
        const moved = tf.add(weights[index]!, tf.mul(direction, step));
        const changed = weights.map((each, other) => (other === index ? moved : each));
        return readValues(run(model, { seeds, weights: changed, differentiate: false }).loss)[0]!;
      };
      const slope = (lossAt(0.001) - lossAt(-0.001)) / 0.002;
      const [expected, size] = [tf.sum(tf.mul(gradient, direction)), tf.norm(gradient)].map((x) => readValues(x)[0]!);
      expect(Math.abs(slope - expected!)).toBeLessThan(0.005 * size!);
    }
  });

  it('evaluates by the running statistics, a sequence alone as in a batch', () => {
    const model = makeModel({ cell: 'gru' });
    const x = makeInput([1, 2]);
    const batched = run(model, { x, training: false });
    expect(batched.buffers).toEqual({});
    const first = run(model, {
      x: tf.slice(x, [0, 0, 0, 0], [2, steps, 1, inputs]),
      valid: makeMask(2, [6]),
      training: false,
    });
    expectClose(readValues(tf.slice(batched.outputs, [0, 0, 0, 0], first.outputs.shape)), readValues(first.outputs));
  });
});
