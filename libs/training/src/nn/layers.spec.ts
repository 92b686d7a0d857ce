import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { crossEntropy } from '../losses/cross-entropy';
import { linear } from '../functional/linear';
import { lookup, sumByOneHot } from '../functional/embedding';

const close = (ours: Tensor, theirs: Tensor, tolerance = 1e-6): void => {
  expect(ours.shape).toEqual(theirs.shape);
  const [difference, size] = [tf.sub(ours, theirs), theirs].map((each) => tf.norm(each).dataSync()[0]!);
  expect(difference! / (size! || 1)).toBeLessThan(tolerance);
};
const random = (shape: number[], seed = 1): Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);

describe.each(everyEngine)('layers on $label', ({ open }) => {
  beforeAll(() => open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('look up rows in each lane, and sum the gradient of a row like a product with one-hot rows', () => {
    const [table, ids, weights] = [
      random([2, 4, 3]),
      tf.tensor2d(
        [
          [0, 3, 3, 1, 0],
          [2, 2, 2, 1, 0],
        ],
        [2, 5],
        'int32',
      ),
      random([2, 5, 3], 2),
    ];
    const { value, grad } = {
      value: lookup(table, ids),
      grad: tf.grad((x: Tensor) => tf.mul(lookup(x, ids), weights))(table),
    };
    close(value, tf.stack([0, 1].map((lane) => tf.gather(tf.unstack(table)[lane]!, tf.unstack(ids)[lane]!))));
    close(grad, sumByOneHot(ids, weights, 4));
    expect(tf.unstack(tf.unstack(grad)[1]!)[3]!.dataSync()).toEqual(Float32Array.of(0, 0, 0));
  });

  it('give linear the gradient that TensorFlow.js records of x·W + b', () => {
    const variables = [random([2, 5, 3]), random([2, 3, 4], 2), random([2, 1, 4], 3)];
    const weights = random([2, 5, 4], 4);
    const ours = tf.grads((x, w, b) => tf.mul(linear(x, w, b), weights))(variables);
    const recorded = tf.grads((x, w, b) => tf.mul(tf.add(tf.matMul(x, w), b), weights))(variables);
    ours.forEach((gradient, index) => close(gradient, recorded[index]!));
  });

  it('give the cross-entropy and its gradient as the mean over valid targets of each lane', () => {
    const logits = random([2, 3, 4]);
    const classes = tf.tensor2d(
      [
        [1, 0, 3],
        [2, 2, 0],
      ],
      [2, 3],
      'int32',
    );
    const mask = [
      [1, 1, 0],
      [1, 1, 1],
    ];
    const weight = tf.tensor2d([[1 / 2], [1 / 3]]);
    const valid = tf.tensor2d(mask, [2, 3], 'bool');
    const plain = (x: Tensor): Tensor => {
      const chosen = tf.sum(tf.mul(tf.logSoftmax(x), tf.oneHot(tf.cast(classes, 'int32'), 4)), 2);
      return tf.mul(tf.sum(tf.mul(tf.neg(chosen), tf.tensor2d(mask)), 1), tf.reshape(weight, [2]));
    };
    const ours = (x: Tensor): Tensor => crossEntropy(x, { classes, valid, weight });
    close(ours(logits), plain(logits));
    close(tf.grad(ours)(logits), tf.grad(plain)(logits));
    close(crossEntropy(logits, { classes, weight }), tf.mul(plain(logits), 1), Infinity);
  });

  it.each([4, 37])('give the same cross-entropy of %i classes where the logits may be written over', (width) => {
    const variables = [random([2, 5, 3]), random([2, 3, width], 2), random([2, 1, width], 3)];
    const targets = {
      classes: tf.tensor2d([0, 3, 1, 2, 3, 1, 1, 0, 2, 3], [2, 5], 'int32'),
      valid: tf.tensor2d([1, 1, 0, 1, 1, 1, 1, 1, 0, 1], [2, 5], 'bool'),
      weight: tf.tensor2d([[1 / 4], [1 / 4]]),
    };
    const [plain, over] = [false, true].map((overwrites) => {
      const loss = (x: Tensor, w: Tensor, b: Tensor): Tensor => crossEntropy(linear(x, w, b), targets, overwrites);
      const gradients = tf.grads(loss)(variables);
      const [x, w, b] = variables as [Tensor, Tensor, Tensor];
      return [loss(x, w, b), ...gradients].map((each) => [...each.dataSync()]);
    });
    expect(over).toEqual(plain);
  });

  it('keep the cross-entropy finite where the right class has a probability below the smallest number', () => {
    const logits = tf.tensor3d([[[0, 200]]]);
    const loss = crossEntropy(logits, { classes: tf.tensor2d([[0]], [1, 1], 'int32'), weight: tf.tensor2d([[1]]) });
    expect(loss.dataSync()[0]).toBe(200);
  });

  it('let no NaN of a target that does not count into the loss or the gradient, and every other one', () => {
    const logits = tf.tensor3d([
      [
        [1, 2],
        [NaN, 0],
      ],
      [
        [1, 2],
        [NaN, 0],
      ],
    ]);
    const targets = {
      classes: tf.tensor2d(
        [
          [0, 1],
          [0, 1],
        ],
        [2, 2],
        'int32',
      ),
      valid: tf.tensor2d(
        [
          [1, 0],
          [1, 1],
        ],
        [2, 2],
        'bool',
      ),
      weight: tf.tensor2d([[1], [0.5]]),
    };
    const [loss, gradient] = [crossEntropy(logits, targets), tf.grad((x: Tensor) => crossEntropy(x, targets))(logits)];
    const [masked, counted] = [...loss.dataSync()];
    expect(masked).toBeCloseTo(Math.log(1 + Math.E), 6);
    expect(counted).toBeNaN();
    expect([...gradient.dataSync().slice(2, 4)]).toEqual([0, 0]);
    expect([...gradient.dataSync().slice(6, 8)]).toEqual([NaN, NaN]);
  });
});
