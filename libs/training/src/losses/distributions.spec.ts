/** @jest-environment <rootDir>/tests/support/native-arrays-environment.mjs */
import { openEngine } from '../backends/open-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { binomialLoss, deviationOf, freedomOf, normalLoss, pinballLoss, studentLoss } from './distributions';
import type { OutputLoss } from './regression';
import { jStat } from 'jstat';

beforeAll(async () => void (await openEngine('cpu')));

const row = (values: number[]): Tensor => tf.tensor3d(values, [1, 1, values.length]);
const errorsOf = (loss: OutputLoss, outputs: number[], target: number[]): number[] => [
  ...loss(row(outputs), row(target)).dataSync(),
];

/** Central differences of the sum of a loss in each output. */
function slopes(loss: OutputLoss, outputs: number[], target: number[]): number[] {
  const step = 1e-2;
  const sum = (at: number[]): number => errorsOf(loss, at, target).reduce((a, b) => a + b, 0);
  return outputs.map((value, index) => {
    const [above, below] = [value + step, value - step].map((moved) => sum(outputs.with(index, moved)));
    return (above! - below!) / (2 * step);
  });
}

const counts: OutputLoss = (outputs, target) => binomialLoss(outputs, target, tf.fill(target.shape, 10));

describe('losses of distributions', () => {
  it('pinball: q above, 1 − q below, each quantile for all targets in turn', () => {
    // Two targets, quantiles 0.1 and 0.5.
    const [first, second] = errorsOf(pinballLoss([0.1, 0.5]), [1, 5, 2, 4], [3, 4]);
    expect(first).toBeCloseTo((0.1 * 2 + 0.5 * 1) / 2, 6);
    expect(second).toBeCloseTo((0.9 * 1 + 0.5 * 0) / 2, 6);
  });

  it('normal and Student’s t: minus the logarithm of the density', () => {
    for (const raw of [-2, 0, 1.5, 20])
      for (const y of [-3, 0.2, 4]) {
        const deviation = deviationOf(raw);
        const density = Math.exp(-0.5 * ((y - 0.5) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
        if (density > 1e-300) expect(errorsOf(normalLoss, [0.5, raw], [y])[0]).toBeCloseTo(-Math.log(density), 2);
        for (const rawFreedom of [-4, 0, 3, 30]) {
          const student = jStat.studentt.pdf((y - 0.5) / deviation, freedomOf(rawFreedom)) / deviation;
          expect(errorsOf(studentLoss, [0.5, raw, rawFreedom], [y])[0]).toBeCloseTo(-Math.log(student), 3);
        }
      }
  });

  it('negative binomial: minus the logarithm of the probability of a count, by its scale', () => {
    for (const [raw, rawDispersion, count, scale] of [
      [0.3, 0.5, 0, 1],
      [0.3, -1, 3, 2],
      [2, 1, 17, 5],
      [-1, -3, 40, 90],
    ] as const) {
      const [mean, size] = [scale * deviationOf(raw), Math.sqrt(scale) / deviationOf(rawDispersion)];
      // Γ(k + r) / (k! Γ(r)) as a product, which jStat's pmf with a real r is not.
      let probability = (size / (size + mean)) ** size;
      for (let k = 0; k < count; k++) probability *= (((k + size) / (k + 1)) * mean) / (mean + size);
      const scales = tf.fill([1, 1, 1], scale);
      const [loss] = binomialLoss(row([raw, rawDispersion]), row([count / scale]), scales).dataSync();
      expect(loss).toBeCloseTo(-Math.log(probability), 2);
    }
  });

  it.each([
    ['pinball', pinballLoss([0.1, 0.5, 0.9]), [1, 5, 2, 4, 6, 7]],
    ['normal', normalLoss, [1, 5, 0.3, -0.4]],
    ['student-t', studentLoss, [1, 5, 0.3, -0.4, 0.2, 2]],
    ['negative binomial', counts, [1, 2, 0.3, -0.4]],
  ] as const)('%s has the gradient of its values', (_, loss, outputs) => {
    const target = [3.3, 4.4];
    const gradient = tf.grad((x: Tensor) => tf.sum(loss(x, row(target))))(row([...outputs]));
    const expected = slopes(loss, [...outputs], target);
    [...gradient.dataSync()].forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 2));
  });
});
