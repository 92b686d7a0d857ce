import { openEngine } from '../backends/open-engine';
import { tf } from '../tensor/tfjs';
import { createLayout } from '../nn/layout';
import { plainAxis, type Parameter } from '../nn/parameter';
import { clippedValues, regularised, type Regularisation } from './regularisation';

const padded: Parameter = {
  name: 'w',
  axes: [{ blocks: 1, size: 2, width: 4 }, plainAxis(1)],
  transposed: false,
  start: 'normal',
};
const layout = createLayout([padded]);
const none: Regularisation = { l1: 0, l2: 0, gradientNoise: 0, clipValue: null };

/** What becomes of the gradients of lanes with these settings; the first four of each lane's values. */
function results(
  lanes: readonly Partial<Regularisation>[],
  gradient: number[],
  weights: number[],
  update = 1,
): number[][] {
  const wide = (values: number[]) => [...values, ...new Array<number>(layout.length - values.length).fill(0)];
  return tf.tidy(() => {
    const all = (values: number[]) => tf.tensor2d(lanes.map(() => wide(values)));
    const settings = lanes.map((lane, index) => ({ ...none, ...lane, parameters: [padded], seed: index, update }));
    const whole = regularised(all(gradient), all(weights), settings, layout);
    const result = clippedValues(whole, settings).arraySync() as number[][];
    return result.map((row) => row.slice(0, 4));
  });
}

describe('the gradient', () => {
  beforeAll(() => openEngine('wasm'));

  it('gets λ₁·sign(w) and λ₂·w, each lane its own', () => {
    const [l1, l2, plain] = results([{ l1: 0.5 }, { l2: 0.5 }, {}], [1, 1, 0, 0], [2, -4, 0, 0]);
    expect(l1).toEqual([1.5, 0.5, 0, 0]);
    expect(l2).toEqual([2, -1, 0, 0]);
    expect(plain).toEqual([1, 1, 0, 0]);
  });

  it('is clipped value by value, and keeps a NaN', () => {
    expect(results([{ clipValue: 2 }, {}], [5, -5, NaN, 1], [0, 0, 0, 0])).toEqual([
      [2, -2, NaN, 1],
      [5, -5, NaN, 1],
    ]);
  });

  it('gets noise on its logical weights alone, which falls with the updates as (1 + t)^-0.55 in variance', () => {
    const [[a, b, ...padding] = [], quiet] = results([{ gradientNoise: 1 }, {}], [0, 0, 0, 0], [0, 0, 0, 0]);
    expect(padding).toEqual([0, 0]);
    expect(quiet).toEqual([0, 0, 0, 0]);
    expect([a, b].every((value) => Math.abs(value!) > 1e-3)).toBe(true);
    const deviation = (update: number): number => {
      const drawn = Array.from(
        { length: 400 },
        (_, index) => results([{ gradientNoise: 1 }], [0, 0, 0, 0], [0, 0, 0, 0], update + index)[0]![0]!,
      );
      return Math.sqrt(drawn.reduce((sum, value) => sum + value ** 2, 0) / drawn.length);
    };
    expect(deviation(1_000_000)).toBeCloseTo(1_000_200 ** -0.275, 2);
  });
});
