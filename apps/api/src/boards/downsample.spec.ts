import fc from 'fast-check';
import { downsample } from './downsample';

const evenUpdates = (count: number): number[] => Array.from({ length: count }, (_, index) => 10 * index);

describe('a downsampled curve', () => {
  it('is complete if it has no more points than requested', () => {
    expect(downsample([0, 1, 2], [5, 6, 7], 3)).toEqual([0, 1, 2]);
    expect(downsample([], [], 5)).toEqual([]);
  });

  it('has exactly as many points as requested, in order, including the first and the last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double(), { minLength: 3, maxLength: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (values, most) => {
          fc.pre(values.length > most);
          const kept = downsample(evenUpdates(values.length), values, most);
          expect([kept.length, kept[0], kept.at(-1)]).toEqual([most, 0, values.length - 1]);
          expect(kept.every((index, place) => place === 0 || index > kept[place - 1]!)).toBe(true);
        },
      ),
    );
  });

  it('keeps a spike that evenly spaced points would lose', () => {
    const values = Array.from({ length: 1000 }, () => 1);
    values[503] = 9;
    expect(downsample(evenUpdates(1000), values, 20)).toContain(503);
  });

  it('is closer to the full curve than evenly spaced points', () => {
    const values = Array.from({ length: 2000 }, (_, index) => Math.exp(-index / 40) + 0.1 * Math.sin(index / 100));
    const error = (kept: readonly number[]): number => {
      let [sum, place] = [0, 0];
      for (let index = 0; index < values.length; index += 1) {
        while (kept[place + 1]! < index) place += 1;
        const [a, b] = [kept[place]!, kept[place + 1]!];
        sum += Math.abs(values[a]! + ((values[b]! - values[a]!) * (index - a)) / (b - a) - values[index]!);
      }
      return sum;
    };
    const even = Array.from({ length: 30 }, (_, index) => Math.round((index * 1999) / 29));
    expect(error(downsample(evenUpdates(2000), values, 30))).toBeLessThan(0.7 * error(even));
  });

  it('keeps a gap', () => {
    const values = Array.from({ length: 300 }, (_, index) => (index > 100 && index < 130 ? NaN : index));
    expect(downsample(evenUpdates(300), values, 30).some((index) => Number.isNaN(values[index]))).toBe(true);
  });
});
