import { between, differencesOf, inUnit, meanOf, momentsOf, unitOf } from './large-values';

const most = Number.MAX_VALUE;
const least = Number.MIN_VALUE;

describe('statistics of values of any magnitude', () => {
  it.each([0, least, 1e-320, 1e-300, 0.3, 1, 3e8, 1e308, most])('have a unit that makes %d a small number', (value) => {
    const multiple = value / unitOf([0, -value, Infinity, NaN]);
    expect(multiple < 2).toBe(true);
    expect(inUnit(multiple, unitOf([value]))).toBe(value);
  });

  it('have the mean of the sum where that is finite, and a finite one otherwise', () => {
    expect(meanOf([0.1, 0.2, 0.3])).toBe((0.1 + 0.2 + 0.3) / 3);
    expect(meanOf([most, most, most])).toBe(most);
    expect(meanOf([1e308, 1e308, -1e308, -1e308])).toBe(0);
    expect(meanOf([most, Infinity])).toBe(Infinity);
    expect([meanOf([]), meanOf([1, NaN])]).toEqual([NaN, NaN]);
  });

  it('have squares that neither overflow nor vanish', () => {
    for (const unit of [2 ** -1060, 1, 2 ** 1020]) {
      const { mean, squares, unit: own } = momentsOf([1, 2, 3].map((value) => value * unit));
      expect([mean * own, squares * (own / unit) ** 2]).toEqual([2 * unit, 2]);
    }
  });

  it('have differences, also where a double does not hold one', () => {
    expect(differencesOf([[3, 1]])).toEqual({ unit: 1, values: [2] });
    const pairs = [[most, -most] as const, [1, 3] as const, [Infinity, 1] as const, [Infinity, Infinity] as const];
    expect(differencesOf(pairs)).toEqual({ unit: 2, values: [most, -1, Infinity, 0] });
    expect(inUnit(most, 2)).toBe(most);
  });

  it('are interpolated between the ends of all doubles', () => {
    expect(between(1, 2, 0.25)).toBe(1.25);
    expect([between(-most, most, 0.5), between(-most, most, 1)]).toEqual([0, most]);
  });
});
