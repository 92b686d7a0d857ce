import { openKernels } from '@unroll/kernels';
import { everyEngine } from '../../testing/for-each-engine';
import { elementwiseKernels } from './elementwise';
import { layoutKernels } from './layout';
import { NativeMemory } from './memory';
import { openEngine } from '../open-engine';
import { backendAs, tf, type Tensor } from '../../tensor/tfjs';

const isThere = everyEngine.some(({ name }) => name === 'native');
type Kernel = (given: { inputs: Record<string, Tensor>; attrs: object }) => Result | Result[] | undefined;
type Result = { shape: number[]; values: Float32Array };

/** What one of our kernels gives. */
function ours(name: string, inputs: Record<string, Tensor>, attrs: object = {}): Result | Result[] | undefined {
  const memory = new NativeMemory(backendAs());
  const kernels: object = { ...elementwiseKernels(memory), ...layoutKernels(openKernels(), memory) };
  return (kernels as Record<string, Kernel>)[name]!({ inputs, attrs });
}
const random = (shape: number[], seed = 1): Tensor => tf.randomNormal(shape, 0, 2, 'float32', seed);

function expectSame(result: Result | Result[] | undefined, right: Tensor): void {
  const { shape, values } = result as Result;
  expect(shape).toEqual(right.shape);
  expect([...values]).toEqual([...right.dataSync()]);
}

(isThere ? describe : describe.skip)(`the plain kernels of native${isThere ? '' : ' (skipped: no addon)'}`, () => {
  // What TensorFlow.js computes is that of its own backend; ours are called by hand on the same tensors.
  beforeAll(() => openEngine('cpu'));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each([
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
    [
      [2, 3, 4],
      [2, 3, 1],
    ],
    [[2, 3, 4], []],
    [
      [3, 1],
      [2, 3, 4],
    ],
    [
      [2, 3, 4, 5],
      [1, 3, 1, 5],
    ],
    [
      [2, 1, 4, 1],
      [1, 3, 1, 5],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [[4], [3, 4]],
    [
      [2, 1, 3],
      [2, 2, 1],
    ],
  ])('repeat %p and %p as TensorFlow.js does', (a, b) => {
    const [x, y] = [random(a), random(b, 2)];
    expectSame(ours('Multiply', { a: x, b: y }), tf.mul(x, y));
    expectSame(ours('Sub', { a: x, b: y }), tf.sub(x, y));
    expectSame(ours('RealDiv', { a: x, b: y }), tf.div(x, y));
    const [rounded, other] = [tf.round(x), tf.round(y)];
    expectSame(ours('Greater', { a: rounded, b: other }), tf.greater(rounded, other));
    expectSame(ours('GreaterEqual', { a: rounded, b: other }), tf.greaterEqual(rounded, other));
    expectSame(ours('Less', { a: rounded, b: other }), tf.less(rounded, other));
    expectSame(ours('LessEqual', { a: rounded, b: other }), tf.lessEqual(rounded, other));
    expectSame(ours('Equal', { a: rounded, b: other }), tf.equal(rounded, other));
  });

  it('compare with NaN as TensorFlow.js does', () => {
    const [x, y] = [tf.tensor1d([NaN, 1, NaN, Infinity]), tf.tensor1d([1, NaN, NaN, Infinity])];
    const right = {
      Greater: tf.greater,
      GreaterEqual: tf.greaterEqual,
      Less: tf.less,
      LessEqual: tf.lessEqual,
      Equal: tf.equal,
    };
    for (const [name, compare] of Object.entries(right)) expectSame(ours(name, { a: x, b: y }), compare(x, y));
  });

  it.each([
    ['Sigmoid', tf.sigmoid],
    ['Tanh', tf.tanh],
    ['Relu', tf.relu],
    ['Neg', tf.neg],
    ['Square', tf.square],
    ['Exp', tf.exp],
    ['Sign', tf.sign],
    ['Log1p', tf.log1p],
    ['Softplus', tf.softplus],
    ['Step', tf.step],
  ] as [string, (x: Tensor) => Tensor][])('give the bits of %s, NaN and the infinities too', (name, right) => {
    const x = tf.concat([random([97]), tf.tensor1d([NaN, Infinity, -Infinity, 0, 13.9, 14, -13.9, -14])]);
    expectSame(ours(name, { x }, { alpha: 0 }), right(x));
  });

  it('take apart, turn, and weigh the last axis', () => {
    const x = random([3, 4, 6, 2]);
    for (const [sizes, axis] of [
      [3, 2],
      [[1, 3], 1],
      [2, -1],
    ] as [number | number[], number][]) {
      const parts = ours('SplitV', { x }, { numOrSizeSplits: sizes, axis }) as Result[];
      tf.split(x, sizes, axis).forEach((right, index) => expectSame(parts[index], right));
    }
    for (const perm of [
      [0, 2, 1, 3],
      [3, 1, 0, 2],
      [0, 1, 2, 3],
    ])
      expectSame(ours('Transpose', { x }, { perm }), tf.transpose(x, perm));
    const weights = ours('Softmax', { logits: x }, { dim: 3 }) as Result;
    tf.softmax(x)
      .dataSync()
      .forEach((right, at) => expect(weights.values[at]).toBeCloseTo(right, 6));
  });

  it('leave what is not float32 to TensorFlow.js', () => {
    const x = tf.tensor1d([1, 2], 'int32');
    expect(ours('Multiply', { a: x, b: x })).toBeUndefined();
    expect(ours('Greater', { a: x, b: x })).toBeUndefined();
    expect(ours('Transpose', { x }, { perm: [0] })).toBeUndefined();
  });
});
