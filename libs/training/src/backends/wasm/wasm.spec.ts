import fc from 'fast-check';
import { openEngine } from '../open-engine';
import { tf, type Tensor } from '../../tensor/tfjs';

const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => Math.fround(Math.sin(seed + 12.9898 * (index + 1)) * 3));
const size = (shape: number[]): number => shape.reduce((product, each) => product * each, 1);
const tensor = (shape: number[], seed: number): Tensor => tf.tensor(numbers(size(shape), seed), shape);

/** What an expression gives on a backend; the tensors are made there. */
async function on(
  name: 'wasm' | 'cpu',
  make: () => Tensor | Tensor[],
): Promise<{ shape: number[]; values: number[] }[]> {
  await openEngine(name);
  const results = tf.tidy(() => [make()].flat());
  const all = results.map((each) => ({ shape: each.shape, values: [...each.dataSync()] }));
  tf.dispose(results);
  return all;
}

/** wasm has to give what cpu gives: exactly where values only move, else to rounding. */
async function agree(make: () => Tensor | Tensor[], digits?: number): Promise<void> {
  const [ours, truth] = [await on('wasm', make), await on('cpu', make)];
  expect(ours.map(({ shape }) => shape)).toEqual(truth.map(({ shape }) => shape));
  ours.forEach(({ values }, index) => {
    if (digits === undefined) expect(values).toEqual(truth[index]!.values);
    else values.forEach((value, at) => expect(value).toBeCloseTo(truth[index]!.values[at]!, digits));
  });
}

describe('our kernels on wasm', () => {
  it('multiply matrices as cpu does, transposed, broadcast or not', async () => {
    const dimension = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(
        dimension,
        dimension,
        dimension,
        fc.constantFrom(1, 3),
        fc.constantFrom(1, 3),
        fc.boolean(),
        fc.boolean(),
        (m, k, n, lanesA, lanesB, transposeA, transposeB) =>
          agree(
            () =>
              tf.matMul(
                tensor([lanesA, ...(transposeA ? [k, m] : [m, k])], 1),
                tensor([lanesB, ...(transposeB ? [n, k] : [k, n])], 2),
                transposeA,
                transposeB,
              ),
            4,
          ),
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
  ])('give a lane the same bits alone and among others (transposed %p, %p)', async (transposeA, transposeB) => {
    await openEngine('wasm');
    tf.tidy(() => {
      const [a, b] = [tensor([5, 37, 37], 1), tensor([5, 37, 37], 2)];
      const all = tf.unstack(tf.matMul(a, b, transposeA, transposeB));
      tf.unstack(a).forEach((each, lane) => {
        const alone = tf.matMul(tf.expandDims(each), tf.expandDims(tf.unstack(b)[lane]!), transposeA, transposeB);
        expect(alone.dataSync()).toEqual(all[lane]!.dataSync());
      });
    });
  });

  it('multiply by the new values after the memory of the old ones was freed', async () => {
    await openEngine('wasm');
    for (let round = 0; round < 20; round++)
      tf.tidy(() => {
        const a = tensor([3, 2, 2], round);
        const identity = tf.tile(tf.expandDims(tf.eye(2)), [3, 1, 1]);
        expect(tf.matMul(identity, a).dataSync()).toEqual(a.dataSync());
        expect(tf.matMul(identity, tf.mul(a, 2)).dataSync()).toEqual(tf.mul(a, 2).dataSync());
      });
  });

  it('split and join tensors as cpu does', async () => {
    const x = (): Tensor => tensor([3, 4, 2, 20], 3);
    await agree(() => tf.slice(x(), [1, 1, 0, 2], [2, 3, 1, 15]));
    await agree(() => tf.slice(x(), [0, 0, 0, 0], [3, 4, 2, 20]));
    await agree(() => tf.slice(x(), [2, 0, 1, 0], [1, -1, 1, -1]));
    for (const axis of [0, 1, 2, 3, -1]) {
      await agree(() => tf.unstack(x(), axis));
      await agree(() => tf.concat([x(), tf.mul(x(), 2), x()], axis));
      await agree(() => tf.stack([x(), tf.mul(x(), 2)], axis));
      await agree(() => tf.split(x(), [1, -1], axis));
      await agree(() =>
        tf.gather(
          x(),
          tf.tensor2d(
            [
              [1, 0],
              [1, 1],
            ],
            [2, 2],
            'int32',
          ),
          axis,
        ),
      );
    }
    await agree(() => tf.split(x(), 3, 0));
    await agree(() => tf.gather(tf.tensor1d([7, 8, 9], 'int32'), tf.tensor1d([2, 0], 'int32')));
    await agree(() => tf.slice(tf.tensor1d([1, 0, 1], 'bool'), 1, 2));
    await agree(() =>
      tf.gather(
        tensor([2, 3, 2], 4),
        tf.tensor2d(
          [
            [0, 2],
            [1, 1],
          ],
          [2, 2],
          'int32',
        ),
        1,
        1,
      ),
    );
  });

  it('sum over any axis as cpu does', async () => {
    for (const axis of [0, 1, 2, -1, [0, 1], undefined])
      for (const keep of [false, true]) await agree(() => tf.sum(tensor([3, 5, 4], 5), axis, keep), 4);
    await agree(() =>
      tf.sum(
        tf.tensor2d(
          [
            [1, 2],
            [3, 4],
          ],
          [2, 2],
          'int32',
        ),
        0,
      ),
    );
  });

  it('have a tanh within 2e-7 of the true one, relatively, near 0 and far from it', async () => {
    await openEngine('wasm');
    const x = Float32Array.from(
      { length: 4001 },
      (_, index) => Math.sign(index - 2000) * 10 ** ((Math.abs(index - 2000) - 1600) / 200),
    );
    const values = tf.tidy(() => tf.tanh(tf.tensor1d(x)).dataSync());
    values.forEach((value, index) =>
      expect(Math.abs(value - Math.tanh(x[index]!))).toBeLessThanOrEqual(
        2e-7 * Math.abs(x[index]!) && 2e-7 * Math.abs(Math.tanh(x[index]!)),
      ),
    );
    expect([...tf.tidy(() => tf.tanh(tf.tensor1d([Infinity, -Infinity, NaN, 0])).dataSync())]).toEqual([1, -1, NaN, 0]);
  });

  it('share memory between clones and free it with the last of them', async () => {
    await openEngine('wasm');
    const { numBytes } = tf.memory();
    const x = tensor([4, 4], 6);
    const clone = tf.clone(x);
    const values = x.dataSync();
    x.dispose();
    const other = tensor([4, 4], 7);
    expect(clone.dataSync()).toEqual(values);
    tf.dispose([clone, other]);
    expect(tf.memory().numBytes).toBe(numBytes);
  });
});
