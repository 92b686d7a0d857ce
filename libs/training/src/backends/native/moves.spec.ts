import { everyEngine } from '../../testing/for-each-engine';
import { openEngine } from '../open-engine';
import { tf, type Tensor } from '../../tensor/tfjs';

const isThere = everyEngine.some(({ name }) => name === 'native');
const values = Array.from({ length: 60 }, (_, index) => Math.sin(index) * 1e3 ** (index % 3));
const given = (): Tensor => tf.tensor3d(values, [3, 4, 5]);
const integers = (): Tensor => tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32');

const operations: Record<string, () => Tensor> = {
  'a sum along the last axis': () => tf.sum(given(), 2),
  'the same that keeps the axis': () => tf.sum(given(), -1, true),
  'a stack': () => tf.stack([given(), tf.neg(given())]),
  'a stack along another axis': () => tf.stack([given(), given()], 2),
  'a stack of integers': () => tf.stack([tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32')]),
  'a sum of integers, one for each row': () =>
    tf.add(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], 'int32'), tf.tensor2d([10, 20], [2, 1], 'int32')),
  'a sum repeated along two axes': () => tf.add(tf.reshape(given(), [3, 4, 1, 5]), tf.ones([1, 4, 2, 1])),
  'a mean along the last axis': () => tf.mean(given(), 2),
  'the same mean that keeps the axis': () => tf.mean(given(), -1, true),
  'a mean along another axis': () => tf.mean(given(), 1),
  'a stack of integers along another axis': () => tf.stack([integers(), integers()], 1),
  'parts along the first axis': () => tf.unstack(given())[2]!,
  'parts along another axis': () => tf.unstack(given(), 1)[3]!,
  'parts along the last axis': () => tf.unstack(given(), -1)[4]!,
  'parts of integers': () => tf.unstack(integers(), 1)[1]!,
  'a tensor repeated along the last axis': () => tf.tile(tf.reshape(given(), [12, 5, 1]), [1, 1, 7]),
  'a tensor repeated along several axes': () => tf.tile(given(), [2, 1, 3]),
  'a tensor repeated along the first axis': () => tf.tile(given(), [3, 1, 1]),
  'a tensor that is repeated once': () => tf.tile(given(), [1, 1, 1]),
  'integers repeated': () => tf.tile(integers(), [2, 3]),
  'truth values repeated': () => tf.tile(tf.greater(given(), 0), [2, 1, 1]),
  'one of two tensors by a condition': () => tf.where(tf.greater(given(), 0), given(), tf.neg(given())),
  'a tensor filled up along one axis': () =>
    tf.pad(
      given(),
      [
        [0, 0],
        [2, 1],
        [0, 0],
      ],
      0.5,
    ),
  'a tensor filled up along the last axis': () =>
    tf.pad(given(), [
      [0, 0],
      [0, 0],
      [0, 3],
    ]),
  'a tensor filled up along two axes': () =>
    tf.pad(given(), [
      [1, 0],
      [0, 0],
      [0, 1],
    ]),
  'another shape': () => tf.reshape(given(), [12, 5]),
  'another shape with a length to infer': () => tf.reshape(given(), [-1, 10]),
  'another shape of integers': () => tf.reshape(tf.tensor1d([1, 2, 3, 4], 'int32'), [2, 2]),
};

async function resultOn(engine: 'cpu' | 'native', compute: () => Tensor) {
  await openEngine(engine);
  const result = tf.tidy(compute);
  const { shape, dtype } = result;
  const found = { shape, dtype, values: [...result.dataSync()] };
  result.dispose();
  return found;
}

(isThere ? describe : describe.skip)(`on native${isThere ? '' : ' (skipped: no addon)'}`, () => {
  it.each(Object.entries(operations))('%s is that of TensorFlow.js, bit for bit', async (_, compute) => {
    expect(await resultOn('native', compute)).toEqual(await resultOn('cpu', compute));
  });

  it('a view of a tensor outlives it, and its memory is lent again only after both', async () => {
    await openEngine('native');
    const [ones, twos] = [tf.fill([40], 1), tf.fill([40], 2)];
    const sum: Tensor = tf.add(ones, ones);
    const view: Tensor = tf.reshape(sum, [8, 5]);
    sum.dispose();
    const later: Tensor = tf.add(twos, twos);
    expect([...view.dataSync()]).toEqual(Array(40).fill(2));
    tf.dispose([ones, twos, view, later]);
  });
});
