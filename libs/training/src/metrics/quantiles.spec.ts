import { forecastOutputs } from '../tasks/forecast-outputs';
import { negativeBinomialQuantiles } from './quantiles';
import { drawnWith } from './random-numbers';

/** The quantile by its definition: the first count whose probability together with all below reaches a level. */
function plainQuantile({ mean, size }: { mean: number; size: number }, level: number): number {
  let [count, probability] = [0, (size / (size + mean)) ** size];
  for (let sum = probability; sum < level; sum += probability) {
    probability *= (((count + size) / (count + 1)) * mean) / (mean + size);
    count += 1;
  }
  return count;
}

describe('the quantiles of a negative binomial distribution', () => {
  it.each([
    [0.2, 0.5],
    [4, 1.7],
    [30, 8],
    [90, 200],
  ])('of mean %d and size %d are the first counts that reach their levels', (mean, size) => {
    const levels = [0.001, 0.05, 0.5, 0.95, 0.999];
    expect(negativeBinomialQuantiles({ mean, size }, levels)).toEqual(
      levels.map((level) => plainQuantile({ mean, size }, level)),
    );
  });

  it.each([
    [20_000, 4],
    [50_000, 0.3],
    [60_000, 40],
  ])('of mean %d and size %d, a wide one, are off by a thousandth of its deviation at most', (mean, size) => {
    const levels = [0.001, 0.05, 0.5, 0.95, 0.999];
    const deviation = Math.sqrt(mean + (mean * mean) / size);
    for (const [place, quantile] of negativeBinomialQuantiles({ mean, size }, levels).entries())
      expect(Math.abs(quantile - plainQuantile({ mean, size }, levels[place]!)) / deviation).toBeLessThan(1e-3);
  });

  it('of billions take no longer than others', () => {
    const began = process.cpuUsage();
    for (let mean = 1e9; mean < 1e9 + 1000; mean += 1) negativeBinomialQuantiles({ mean, size: 2 }, [0.05, 0.5, 0.95]);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
  });

  it('of large counts are near those of a normal distribution, and end next to 1', () => {
    const [low, middle, high, end] = negativeBinomialQuantiles({ mean: 1e6, size: 1e7 }, [0.05, 0.5, 0.95, 1]);
    expect(low! - 1e6).toBeCloseTo(-1725, -1);
    expect(middle! - 1e6).toBeCloseTo(0, -1);
    expect(high! - 1e6).toBeCloseTo(1725, -1);
    expect(end!).toBeLessThan(1.02e6);
    expect(negativeBinomialQuantiles({ mean: NaN, size: 1 }, [0.5])).toEqual([NaN]);
  });
});

describe('values drawn from a distribution', () => {
  it.each([
    ['normal', [0.5, 1], 1],
    ['student-t', [0.5, 1, 0.4], 1],
    ['negative-binomial', [0.5, 1], 20],
  ] as const)(
    '%s: fall below its quantiles as often as their levels say, and are the same for a seed',
    (distribution, numbers, scale) => {
      const { quantiles, draws } = forecastOutputs({ distribution }, 1);
      const draw = (seed: number): number[] => drawnWith(seed, 3, () => draws!(numbers, 20_000, scale));
      const values = draw(1);
      const levels = [0.05, 0.25, 0.5, 0.75, 0.95];
      quantiles(numbers, levels, scale).forEach((quantile, place) => {
        const [below, upTo] = [values.filter((v) => v < quantile), values.filter((v) => v <= quantile)];
        // Of counts, many are equal to a quantile.
        expect(below.length / values.length).toBeLessThan(levels[place]! + 0.015);
        expect(upTo.length / values.length).toBeGreaterThan(levels[place]! - 0.015);
      });
      expect(draw(1)).toEqual(values);
      expect(draw(2)).not.toEqual(values);
    },
  );
});
