import type { Points } from '@unroll/contracts';
import { goodRange } from './good-range';

const points = (
  at: (index: number) => number,
  value: (index: number) => number,
  goal: Points['goal'] = 'minimize',
): Points => ({
  ...{ metric: 'validation.loss', goal, parameters: [{ path: 'training.learningRate', scale: 'log' }] },
  items: Array.from({ length: 60 }, (_, index) => ({
    ...{ trialId: String(index), configuration: index, seed: 0, state: 'completed', updates: 1, finishedAt: null },
    ...{ value: value(index), at: [at(index)] },
  })),
});
const rate = (index: number): number => 10 ** (-4 + index / 15);

describe('the good range of a parameter', () => {
  it('holds the best tenth of the trials, whichever direction is better', () => {
    const distance = (index: number): number => Math.abs(index - 30);
    for (const range of [
      goodRange(points(rate, distance), 0)!,
      goodRange(
        points(rate, (index) => -distance(index), 'maximize'),
        0,
      )!,
    ]) {
      expect(range[0]).toBeGreaterThan(rate(26));
      expect(range[1]).toBeLessThan(rate(34));
    }
  });

  it('is not given where good trials are everywhere, or too few were tried', () => {
    expect(
      goodRange(
        points(rate, (index) => (37 * index) % 60),
        0,
      ),
    ).toBeNull();
    const few = points(rate, (index) => index);
    expect(goodRange({ ...few, items: few.items.slice(0, 10) }, 0)).toBeNull();
  });
});
