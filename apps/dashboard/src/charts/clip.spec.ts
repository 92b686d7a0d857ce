import { clippedRange } from './clip';

const usual = Array.from({ length: 100 }, (_, index) => 1 + index / 100);

describe('the range of an axis', () => {
  it('leaves outliers out that would flatten the rest, at the end where they are', () => {
    const { low, high, outside } = clippedRange([...usual, 1e6])!;
    expect([low, outside]).toEqual([1, 5]);
    expect(high).toBeLessThan(2.01);
    expect(clippedRange([-1e6, ...usual])).toMatchObject({ high: 1.99, outside: 5 });
  });

  it('cuts more where as many as a tenth of the values flatten the rest, and says at which quantile', () => {
    const { high, outside, text } = clippedRange([...usual, ...Array.from({ length: 12 }, (_, at) => 10 ** (at + 3))])!;
    expect([high < 2, outside]).toEqual([true, 16]);
    expect(text).toBe(
      'Outliers would flatten the rest: the axis ends at the 85 % quantile, and 16 values are outside.',
    );
  });

  it('is whole without outliers, for few values, and for equal ones', () => {
    for (const values of [usual, [1, 2, 1e9], [...usual, 2.5], Array.from({ length: 50 }, () => 3)])
      expect(clippedRange(values)).toBeNull();
  });

  it('passes over what is missing', () => {
    expect(clippedRange([...usual, null, Infinity, NaN])).toBeNull();
  });
});
