import { randomNumbers } from '../space/numbers';
import { drawAt, freePoint, toSpace } from '../space/point';
import type { Parameters } from '../space/space';
import { samplers } from './index';
import type { Sampler } from './sampler';

describe('a space of which 98 % fails', () => {
  const space = toSpace({ x: { uniform: [0, 1] }, y: { uniform: [0, 1] }, z: { uniform: [0, 1] } });
  /** Values within a ball of this share of the space, least beside its edge. */
  const inBall = ({ x, y, z }: Parameters): number => {
    const [a, b, c] = [(x as number) - 0.35, (y as number) - 0.6, (z as number) - 0.55];
    return a * a + b * b + c * c > 0.168 ** 2 ? NaN : (a + 0.1) ** 2 + b * b + (c - 0.05) ** 2;
  };

  /** The best of 90 configurations, one after the other. */
  function bestOf(sampler: Sampler, seed: number): number {
    const suggester = sampler.open(space, seed);
    let best = Infinity;
    for (let number = 0; number < 90; number += 1) {
      const ask = { number, attempt: 0, fixed: freePoint(space), running: [], allows: () => true };
      const point = suggester.suggest({ ...ask, numbers: randomNumbers(seed, number, 0) });
      const value = inBall(drawAt(space, (dimension) => point[dimension]!).parameters);
      if (value < best) best = value;
      suggester.learn({ number, point, values: [value], share: 1 });
    }
    return best;
  }

  it.each(['tpe', 'gaussian-process'] as const)('is searched by %s near what has a value', (name) => {
    const pairs = [1, 2, 3, 4, 5, 6, 7].map((seed) => ({
      own: bestOf(samplers[name], seed),
      drawn: bestOf(samplers.random, seed),
    }));
    expect(pairs.filter(({ own, drawn }) => own < drawn).length).toBeGreaterThanOrEqual(5);
    const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[3]!;
    expect(middle(pairs.map(({ own }) => own))).toBeLessThan(middle(pairs.map(({ drawn }) => drawn)) / 3);
  });
});
