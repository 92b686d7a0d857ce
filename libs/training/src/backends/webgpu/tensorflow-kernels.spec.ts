import { openEngine } from '../open-engine';
import { describeGpu, reason } from '../../testing/webgpu.fixture';
import { tf, type Tensor } from '../../tensor/tfjs';

/*
 * TensorFlow.js' WebGPU kernels are written for floats: one that does not compile for another type leaves zeros, and says nothing. Each
 * kernel that this library applies to whole numbers or truth values is held against the processor here.
 */
const types = ['float32', 'int32', 'bool'] as const;
type Type = (typeof types)[number];

const valuesOf: Record<Type, (index: number) => number> = {
  float32: (index) => Math.sin(1 + index),
  int32: (index) => ((index * 7) % 23) - 5,
  bool: (index) => Number(index % 3 === 0),
};
const make = (type: Type, shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => valuesOf[type](index)),
    shape,
    type,
  );
const places = (count: number): Tensor => tf.range(0, count, 1, 'int32');

type Case = readonly [name: string, compute: (type: Type) => Tensor];

/** What moves numbers without changing them, for every type. */
const moves: Case[] = [
  ['transpose of two dimensions', (type) => tf.transpose(make(type, [33, 20]))],
  ['transpose of the first two of three', (type) => tf.transpose(make(type, [2, 3, 4]), [1, 0, 2])],
  ['transpose of the last two of three', (type) => tf.transpose(make(type, [2, 3, 4]), [0, 2, 1])],
  ['transpose of four', (type) => tf.transpose(make(type, [2, 3, 4, 5]), [0, 2, 1, 3])],
  ['transpose of six', (type) => tf.transpose(make(type, [2, 3, 1, 2, 4, 2]), [5, 0, 3, 2, 4, 1])],
  ['transpose of many', (type) => tf.transpose(make(type, [40, 30, 20]), [2, 0, 1])],
  ['slice', (type) => tf.slice(make(type, [4, 6]), [1, 2], [2, 3])],
  ['gather of rows', (type) => tf.gather(make(type, [4, 6]), places(3))],
  ['gather of columns', (type) => tf.gather(make(type, [4, 6]), places(3), 1)],
  ['concat of rows', (type) => tf.concat([make(type, [2, 3]), make(type, [4, 3])], 0)],
  ['concat of columns', (type) => tf.concat([make(type, [2, 3]), make(type, [2, 4])], 1)],
  ['stack', (type) => tf.stack([make(type, [2, 3]), make(type, [2, 3])], 1)],
  ['unstack', (type) => tf.unstack(make(type, [2, 3]), 1)[1]!],
  ['tile', (type) => tf.tile(make(type, [2, 3]), [2, 2])],
  [
    'pad',
    (type) =>
      tf.pad(make(type, [2, 3]), [
        [1, 1],
        [0, 2],
      ]),
  ],
  ['reverse', (type) => tf.reverse(make(type, [2, 3]), 1)],
  ['where', (type) => tf.where(make('bool', [2, 3]), make(type, [2, 3]), tf.onesLike(make(type, [2, 3])))],
  ['cast to float32', (type) => tf.cast(make(type, [2, 3]), 'float32')],
  ['cast to int32', (type) => tf.cast(make(type, [2, 3]), 'int32')],
  ['cast to bool', (type) => tf.cast(make(type, [2, 3]), 'bool')],
];

/** What computes, for numbers. */
const computes: Case[] = [
  ['add', (type) => tf.add(make(type, [2, 3]), make(type, [3]))],
  ['sub', (type) => tf.sub(make(type, [2, 3]), make(type, [3]))],
  ['mul', (type) => tf.mul(make(type, [2, 3]), make(type, [3]))],
  ['maximum', (type) => tf.maximum(make(type, [2, 3]), make(type, [3]))],
  ['equal', (type) => tf.equal(make(type, [2, 3]), make(type, [3]))],
  ['less', (type) => tf.less(make(type, [2, 3]), make(type, [3]))],
  ['lessEqual', (type) => tf.lessEqual(make(type, [2, 3]), make(type, [3]))],
  ['greaterEqual', (type) => tf.greaterEqual(make(type, [2, 3]), make(type, [3]))],
  ['addN of more than a shader can bind', (type) => tf.addN(Array.from({ length: 65 }, () => make(type, [4, 6])))],
  ['sum', (type) => tf.sum(make(type, [4, 6]), 1)],
  ['max', (type) => tf.max(make(type, [4, 6]), 1)],
  ['argMax', (type) => tf.argMax(make(type, [4, 6]), 1)],
  ['cumsum', (type) => tf.cumsum(make(type, [4, 6]), 1)],
  ['topk', (type) => tf.topk(make(type, [4, 6]), 2).indices],
];

describeGpu(`TensorFlow.js on a GPU${reason}`, () => {
  const cases = [
    ...types.flatMap((type) => moves.map(([name, compute]) => [name, type, compute] as const)),
    ...types.slice(0, 2).flatMap((type) => computes.map(([name, compute]) => [name, type, compute] as const)),
    ['oneHot', 'int32', () => tf.oneHot(places(4), 5)],
    ['logicalAnd', 'bool', () => tf.logicalAnd(make('bool', [6]), tf.onesLike(make('bool', [6])))],
    ['logicalNot', 'bool', () => tf.logicalNot(make('bool', [6]))],
    ['sum', 'bool', () => tf.sum(make('bool', [4, 6]), 1)],
    ['any', 'bool', () => tf.any(make('bool', [4, 6]), 1)],
    ['mul with floats', 'bool', () => tf.mul(make('bool', [4, 6]), make('float32', [4, 6]))],
  ] as (readonly [string, Type, (type: Type) => Tensor])[];

  it.each(cases)('computes %s of %s as the processor does', async (_, type, compute) => {
    const on = async (engine: 'webgpu' | 'cpu') => {
      await openEngine(engine);
      const result = tf.tidy(() => compute(type));
      const { dtype, shape } = result;
      const values = Array.from(await result.data(), Number);
      result.dispose();
      return { dtype, shape, values };
    };
    const [onGpu, { values, ...rest }] = [await on('webgpu'), await on('cpu')];
    expect(onGpu).toMatchObject(rest);
    expect(onGpu.values).toHaveLength(values.length);
    for (const [index, value] of values.entries()) expect(onGpu.values[index]).toBeCloseTo(value, 5);
  });
});
