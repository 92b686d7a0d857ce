import { everyEngine } from '../../testing/for-each-engine';
import { openEngine } from '../open-engine';
import { tf, type Tensor } from '../../tensor/tfjs';

const isThere = everyEngine.some(({ name }) => name === 'native');
const values = Array.from({ length: 60 }, (_, index) => Math.sin(index) * 1e3 ** (index % 3));
const given = (): Tensor => tf.tensor3d(values, [3, 4, 5]);

const operations: Record<string, () => Tensor> = {
  'a sum along the last axis': () => tf.sum(given(), 2),
  'the same that keeps the axis': () => tf.sum(given(), -1, true),
  'a stack': () => tf.stack([given(), tf.neg(given())]),
  'a stack along another axis': () => tf.stack([given(), given()], 2),
  'a stack of integers': () => tf.stack([tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32')]),
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
