import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { lossOfLanes } from './element-loss';
import { compileLoss } from './expression';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Expressions and what they mean in float64. */
const expressions: [string, (p: number, t: number) => number][] = [
  ['abs(prediction - target)^1.5', (p, t) => Math.abs(p - t) ** 1.5],
  ['log(cosh(prediction - target))', (p, t) => Math.log(Math.cosh(p - t))],
  ['2 * cosh(prediction) / 3', (p) => (2 * Math.cosh(p)) / 3],
  ['square(prediction) - prediction^3 + pow(prediction, 2)', (p) => 2 * p ** 2 - p ** 3],
  ['-prediction^2 * -target', (p, t) => p ** 2 * t],
  ['exp(target)^prediction', (p, t) => Math.exp(t) ** p],
  ['log1p(exp(-prediction * target))', (p, t) => Math.log1p(Math.exp(-p * t))],
  ['sqrt(1 + square(prediction)) - tanh(prediction)', (p) => Math.sqrt(1 + p * p) - Math.tanh(p)],
  ['-target * log(sigmoid(prediction))', (p, t) => -t * Math.log(sigmoid(p))],
  ['sign(target) * prediction', (p, t) => Math.sign(t) * p],
  ['max(0.9 * (prediction - target), -0.1 * (prediction - target))', (p, t) => Math.max(0.9 * (p - t), -0.1 * (p - t))],
  ['min(square(prediction), 1)', (p) => Math.min(p * p, 1)],
  ['1 / (1 + abs(prediction))', (p) => 1 / (1 + Math.abs(p))],
  [
    'abs(prediction - target) < 1 ? 0.5 * (prediction - target)^2 : abs(prediction - target) - 0.5',
    (p, t) => (Math.abs(p - t) < 1 ? 0.5 * (p - t) ** 2 : Math.abs(p - t) - 0.5),
  ],
  ['prediction >= 0 ? (target > 0 ? prediction : 2 * prediction) : 3', (p, t) => (p >= 0 ? (t > 0 ? p : 2 * p) : 3)],
  ['1 > 0 ? prediction : target', (p) => p],
];
const predictions = [-1.7, -0.6, 0.3, 0.45, 1.2, 2.6];
const targets = [0.4, -1.1, 1.3, 0.2, -0.8, 0.9];

describe.each(everyEngine)('a loss by expression on $label', ({ open }) => {
  beforeAll(() => open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const slopes = (text: string, p: readonly number[], t: readonly number[]): number[] => {
    const target = tf.tensor1d([...t]);
    return [
      ...tf
        .grad((x: Tensor) => compileLoss(text)(x, target))(tf.tensor1d([...p]))
        .dataSync(),
    ];
  };
  const losses = (text: string, p: readonly number[], t: readonly number[]): number[] => [
    ...compileLoss(text)(tf.tensor1d([...p]), tf.tensor1d([...t])).dataSync(),
  ];

  it.each(expressions)('computes %s and its slope', (text, meaning) => {
    losses(text, predictions, targets).forEach((loss, index) =>
      expect(loss).toBeCloseTo(meaning(predictions[index]!, targets[index]!), 5),
    );
    slopes(text, predictions, targets).forEach((slope, index) => {
      const [p, t] = [predictions[index]!, targets[index]!];
      expect(slope).toBeCloseTo((meaning(p + 1e-5, t) - meaning(p - 1e-5, t)) / 2e-5, 4);
    });
  });

  it('excludes the slope of the side that was not chosen, even if it is NaN', () => {
    const text = 'prediction > 0 ? log(prediction) : prediction';
    expect(losses(text, [1, 0, -2], [0, 0, 0])).toEqual([0, 0, -2]);
    expect(slopes(text, [1, 0, -2], [0, 0, 0])).toEqual([1, 1, 1]);
    expect(slopes('prediction <= 0 ? 0 : sqrt(prediction)', [0, 0.25], [0, 0])).toEqual([0, 1]);
  });

  it('has the slope 0 of abs at 0, and of log(cosh) where cosh overflows that of its limit', () => {
    expect(slopes('abs(prediction - target)', [2, 3, 1], [2, 2, 2])).toEqual([0, 1, -1]);
    const text = 'log(cosh(prediction - target))';
    losses(text, [1000, -1000], [0, 0]).forEach((loss) => expect(loss).toBeCloseTo(1000 - Math.LN2, 3));
    expect(slopes(text, [1000, -1000], [0, 0])).toEqual([1, -1]);
  });

  it('supports every comparison', () => {
    const found = ['<', '<=', '>', '>=', '==', '!='].map((comparison) =>
      losses(`prediction ${comparison} target ? 1 : 0 * prediction`, [1, 2, 3], [2, 2, 2]),
    );
    expect(found).toEqual([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [0, 1, 0], [1, 0, 1]]); // oxfmt-ignore
  });

  it('keeps the shape of the prediction, and what does not count out of a lane', () => {
    const x = tf.tensor3d([
      [[Math.E], [-1]],
      [[1], [Math.E]],
    ]);
    const loss = compileLoss('log(prediction) + 1');
    expect(compileLoss('prediction - target')(x, x).shape).toEqual([2, 2, 1]);
    const given = {
      target: tf.zerosLike(x),
      valid: tf.tensor2d([[1, 0], [1, 1]], [2, 2], 'bool'), // oxfmt-ignore
      weight: tf.tensor2d([[1], [0.5]]),
    };
    const ours = (each: Tensor): Tensor => lossOfLanes(loss, each, given, 'sum');
    [...ours(x).dataSync()].forEach((value, lane) => expect(value).toBeCloseTo([2, 1.5][lane]!, 5));
    const gradient = [...tf.grad(ours)(x).dataSync()];
    [1 / Math.E, 0, 0.5, 0.5 / Math.E].forEach((slope, index) => expect(gradient[index]).toBeCloseTo(slope, 5));
  });
});

it('a loss by expression refuses what is not allowed', () => {
  expect(() => compileLoss('predicton - target')).toThrow(
    'unknown name predicton at character 1; did you mean prediction?',
  );
});
