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

/** −ln of the negative binomial probability by gamma functions, in float64. */
function plainBinomial(count: number, [raw, rawDispersion]: readonly [number, number], scale: number): number {
  const [mean, size] = [scale * deviationOf(raw), Math.sqrt(scale) / deviationOf(rawDispersion)];
  const ways = jStat.gammaln(count + size) - jStat.gammaln(count + 1) - jStat.gammaln(size);
  return size * Math.log1p(mean / size) + count * Math.log1p(size / mean) - ways;
}

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
      expect(loss).toBeCloseTo(-Math.log(probability), 4);
    }
  });

  it('negative binomial: holds its digits for counts of millions and billions, with the gradient of its values', () => {
    for (const scale of [1e3, 1e6, 1e9])
      for (const [raw, rawDispersion, relative] of [
        [0.5, 0.2, 1],
        [0.5, 0.2, 0.9731],
        [0.54, -3, 1.02],
        [2, 1.5, 0.3],
      ] as const) {
        const count = Math.fround(scale * relative);
        const plain = (...at: [number, number]): number => plainBinomial(count, at, scale);
        const scales = tf.fill([1, 1, 1], scale);
        const own = (x: Tensor): Tensor => binomialLoss(x, row([count / scale]), scales);
        const expected = plain(raw, rawDispersion);
        const [loss] = own(row([raw, rawDispersion])).dataSync();
        expect(Math.abs(loss! - expected) / (1 + Math.abs(expected))).toBeLessThan(1e-3);
        const gradient = tf
          .grad((x: Tensor) => tf.sum(own(x)))(row([raw, rawDispersion]))
          .dataSync();
        const step = 5e-3;
        const slope = [
          (plain(raw + step, rawDispersion) - plain(raw - step, rawDispersion)) / (2 * step),
          (plain(raw, rawDispersion + step) - plain(raw, rawDispersion - step)) / (2 * step),
        ];
        slope.forEach((value, at) =>
          expect(Math.abs(gradient[at]! - value) / (1 + Math.abs(value))).toBeLessThan(1e-2),
        );
      }
  });

  it('negative binomial: of no count, whatever the scale', () => {
    for (const scale of [1, 1e6]) {
      const [mean, size] = [scale * deviationOf(0.3), Math.sqrt(scale) / deviationOf(-1)];
      const [loss] = binomialLoss(row([0.3, -1]), row([0]), tf.fill([1, 1, 1], scale)).dataSync();
      expect(loss! / (size * Math.log1p(mean / size))).toBeCloseTo(1, 4);
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

  it.each([
    ['normal', normalLoss, 2],
    ['student-t', studentLoss, 3],
  ] as const)('%s is the same in one pass over arrays, with its gradient', async (_, loss, perTarget) => {
    const width = 40;
    // From near to far, narrow to wide, and two to many degrees of freedom.
    const values = (count: number, size: number) => Array.from({ length: count }, (__, at) => size * Math.sin(at * at));
    const [outputs, target] = [values(2 * perTarget * width, 6), values(2 * width, 5)];
    const both = (): Float32Array[] => {
      const [x, y] = [tf.tensor3d(outputs, [1, 2, perTarget * width]), tf.tensor3d(target, [1, 2, width])];
      const weights = tf.tensor3d(values(2 * width, 1), [1, 2, width]);
      const slope = tf.grad((given: Tensor) => tf.sum(tf.mul(weights, loss(given, y))))(x);
      return [loss(x, y), slope].map((each) => each.dataSync() as Float32Array);
    };
    await openEngine('wasm');
    const fused = both();
    await openEngine('cpu');
    both().forEach((right, place) =>
      right.forEach((value, at) =>
        expect(Math.abs(fused[place]![at]! - value) / (1 + Math.abs(value))).toBeLessThan(2e-4),
      ),
    );
  });
});
