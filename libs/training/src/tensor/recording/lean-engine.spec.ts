import { openEngine } from '../../backends/open-engine';
import { everyEngine } from '../../testing/for-each-engine';
import { differentiable } from '../differentiable';
import { tf, type Tensor } from '../tfjs';

const counts = (): number[] => {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  return [numTensors, numBytes, numDataBuffers];
};
const values = (tensor: Tensor): number[] => [...tensor.dataSync()];
const hasNative = everyEngine.some(({ name }) => name === 'native');

describe.each(hasNative ? (['cpu', 'native'] as const) : (['cpu'] as const))(
  'on %s, the engine of TensorFlow.js',
  (name) => {
    beforeAll(() => openEngine(name));
    beforeEach(() => tf.engine().startScope());
    afterEach(() => tf.engine().endScope());

    it('disposes what a scope made but what it returns, at any depth', () => {
      const before = counts();
      const kept = tf.tidy(() => {
        const [a, b, c] = [1, 2, 3].map((value) => tf.scalar(value));
        tf.add(a!, b!);
        return { list: [a!, { deep: tf.mul(b!, c!) }], nothing: undefined };
      });
      expect(tf.memory().numTensors).toBe(before[0]! + 2);
      expect(values((kept.list[1] as { deep: Tensor }).deep)).toEqual([6]);
      tf.dispose([kept.list[0], (kept.list[1] as { deep: Tensor }).deep]);
      expect(counts()).toEqual(before);
    });

    it('disposes what a scope made that failed, and returns to the scope around', () => {
      const before = counts();
      const fail = (): Tensor =>
        tf.tidy(() => {
          tf.add(
            tf.ones([3]),
            tf.tidy(() => tf.ones([3])),
          );
          throw new Error('stop');
        });
      expect(fail).toThrow('stop');
      expect(() => tf.grad(fail)(tf.scalar(1))).toThrow('stop');
      tf.tidy(() => void tf.grad((x) => tf.square(x))(tf.scalar(1)));
      expect(tf.memory().numTensors).toBe(before[0]! + 1);
    });

    it('keeps what a gradient reads, whatever becomes of it meanwhile', () => {
      const [x, factor] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])];
      const before = counts();
      const { value, grads } = tf.valueAndGrads((each: Tensor) => {
        const read = tf.clone(factor);
        const product = tf.mul(each, read);
        read.dispose();
        return product;
      })([x]);
      expect([values(value), values(grads[0]!)]).toEqual([
        [4, 10, 18],
        [4, 5, 6],
      ]);
      tf.dispose([value, grads]);
      expect(counts()).toEqual(before);
    });

    it('adds up the gradients of all that reads a tensor', () => {
      const f = (x: Tensor): Tensor => tf.sum(tf.add(tf.mul(x, x), tf.mul(x, 3)));
      expect(values(tf.grad((x) => f(x))(tf.tensor1d([1, 2])))).toEqual([5, 7]);
    });

    it('differentiates gradients', () => {
      const cube = (x: Tensor): Tensor => tf.mul(x, tf.square(x));
      const second = tf.grad((x) => tf.sum(tf.grad((y) => tf.sum(cube(y)))(x)));
      expect(values(second(tf.tensor1d([1, 2])))).toEqual([6, 12]);
      const own = tf.customGrad((x, save) => {
        (save as (tensors: Tensor[]) => void)([x as Tensor]);
        return {
          value: tf.square(x as Tensor),
          gradFunc: (dy: Tensor, [read]: Tensor[]) => tf.mul(dy, tf.mul(read!, 2)),
        };
      });
      expect(values(tf.grad((x) => tf.sum(tf.grad((y) => tf.sum(own(y)))(x)))(tf.scalar(4)))).toEqual([2]);
    });

    it('differentiates several inner gradients, also by what does not depend on operations outside of them', () => {
      const sum = tf.grad((x) => {
        const y = tf.square(x);
        const [first, second] = [2, 3].map((power) => tf.grad((z) => tf.sum(tf.pow(z, power)))(tf.add(x, 0)));
        const other = tf.grad((z) => tf.sum(tf.mul(tf.mul(y, z), z)))(tf.ones([2]));
        return tf.sum(tf.addN([first!, second!, other]));
      });
      // 2x + 3x² + 2x², differentiated.
      expect(values(sum(tf.tensor1d([1, 2])))).toEqual([12, 22]);
    });

    it('refuses to differentiate an inner gradient that flows through operations outside of it, and leaves nothing behind', () => {
      const x = tf.tensor1d([1, 2]);
      const before = counts();
      const product = (each: Tensor): Tensor => {
        const y = tf.square(each);
        return tf.sum(tf.grad((z) => tf.sum(tf.mul(y, z)))(each));
      };
      const constant = (each: Tensor): Tensor => {
        const y = tf.square(each);
        return tf.sum(tf.grad(() => tf.sum(y))(each));
      };
      for (const f of [product, constant]) expect(() => tf.grad(f)(x)).toThrow('flows through Square outside');
      expect(counts()).toEqual(before);
    });

    it('hands zeros to the gradient of an operation for an output that nothing reads', () => {
      const seen: number[][] = [];
      const twice = (x: Tensor): Tensor[] =>
        differentiable({
          inputs: { x },
          forward: () => [tf.mul(x, 2), tf.mul(x, 3)],
          backward(gradients) {
            seen.push(...gradients.map(values));
            return { x: () => tf.mul(gradients[0]!, 2) };
          },
        });
      const gradient = tf.grad((x) => tf.sum(twice(x)[0]!))(tf.tensor1d([1, 1]));
      expect([values(gradient), ...seen]).toEqual([
        [2, 2],
        [1, 1],
        [0, 0],
      ]);
    });

    it('refuses a function that does not depend on what it is differentiated by, and a gradient of another shape', () => {
      expect(() => tf.grad(() => tf.scalar(1))(tf.scalar(2))).toThrow('Cannot compute gradient');
      const wrong = tf.customGrad((x) => ({ value: tf.sum(x as Tensor), gradFunc: () => tf.zeros([3]) }));
      expect(() => tf.grad((x) => wrong(x))(tf.tensor1d([1, 2]))).toThrow('float32 [3], must be float32 [2]');
    });

    it('lists the kernels of what is profiled', async () => {
      const { kernels } = await tf.profile(() => tf.add(tf.scalar(1), tf.scalar(2)));
      expect(kernels.map(({ name: each }) => each)).toEqual(['Add']);
    });
  },
);

(hasNative ? it : it.skip)('tensors move from one backend to the next', async () => {
  await openEngine('cpu');
  const x = tf.tensor1d([1, 2, 3]);
  await openEngine('native');
  const y = tf.add(x, x);
  await openEngine('cpu');
  expect(values(tf.add(x, y))).toEqual([3, 6, 9]);
  tf.dispose([x, y]);
});
