import fc from 'fast-check';
import { bestProbabilities } from './best-probability';
import { downsample } from './downsample';
import { confidenceInterval, summarize, summarizePairs } from './statistics';

const value = fc.integer({ min: -1023, max: 1023 });
/** Powers of two by which values are scaled: their squares overflow or vanish, and by the largest also their sums. */
const exponent = fc.constantFrom(-1000, -600, 600, 1014);
const several = (least: number, most: number) => fc.array(value, { minLength: least, maxLength: most });
const runs = { numRuns: 60 };

describe('the statistics of boards, of values of any finite magnitude', () => {
  it('summarize seeds as the scaled values', () => {
    fc.assert(
      fc.property(several(2, 6), exponent, (values, power) => {
        const own = summarize(values);
        const scaled = summarize(values.map((each) => each * 2 ** power));
        const back = [scaled.mean!, scaled.deviation!, ...scaled.interval!].map((each) => each / 2 ** power);
        const largest = Number.MAX_VALUE / 2 ** power;
        const bound = (each: number): number => Math.max(-largest, Math.min(largest, each));
        for (const [index, each] of [own.mean!, own.deviation!, ...own.interval!].entries())
          expect(back[index]).toBeCloseTo(bound(each), 6);
      }),
      runs,
    );
  });

  it('have the paired p-values of the scaled values', () => {
    fc.assert(
      fc.property(several(3, 6), several(6, 6), exponent, (first, second, power) => {
        const pairs = first.map((each, index) => [each, second[index]!] as const);
        const scaled = pairs.map(([one, other]) => [one * 2 ** power, other * 2 ** power] as const);
        const { difference, p } = summarizePairs(scaled);
        expect(p).toBeCloseTo(summarizePairs(pairs).p, 9);
        expect(Object.values(difference).flat().every(Number.isFinite)).toBe(true);
      }),
      runs,
    );
  });

  it('have the probabilities of the scaled rows, also where a deviation is too large for a double', () => {
    const row = fc.record({ mean: value, deviation: fc.integer({ min: 1, max: 900 }), repeats: fc.constant(3) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), exponent, (rows, power) => {
        const scaled = rows.map((each) => ({
          ...each,
          mean: each.mean * 2 ** power,
          deviation: each.deviation * 2 ** power,
        }));
        const chances = bestProbabilities(scaled);
        for (const [index, chance] of bestProbabilities(rows).entries()) expect(chances[index]).toBeCloseTo(chance!, 9);
      }),
      runs,
    );
    const [good, bad] = bestProbabilities([
      { mean: -1e308, deviation: 1e300, repeats: 3 },
      { mean: 1e308, deviation: Infinity, repeats: 3 },
    ]);
    expect(good!).toBeGreaterThan(bad!);
  });

  it('keep the points of the scaled curve', () => {
    fc.assert(
      fc.property(several(60, 60), exponent, (values, power) => {
        const updates = values.map((_, index) => index);
        const scaled = values.map((each) => each * 2 ** power);
        expect(downsample(updates, scaled, 12)).toEqual(downsample(updates, values, 12));
      }),
      runs,
    );
  });

  it('have no interval of an infinite mean or deviation', () => {
    expect([confidenceInterval(Infinity, 1, 3), confidenceInterval(1, Infinity, 3)]).toEqual([null, null]);
  });
});
