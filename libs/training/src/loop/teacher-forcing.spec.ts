import { forcingRatio } from './teacher-forcing';

const at = (kind: 'linear' | 'exponential' | 'inverse-sigmoid', range: { from?: number; to?: number; over?: number }) =>
  [1, 26, 51, 76, 101, 200].map((update) => forcingRatio({ kind, from: 1, to: 0, ...range }, update, 101));

describe('the part of the steps that are forced', () => {
  it('is a number, or falls linearly, and stays at its end', () => {
    expect(forcingRatio(0.3, 7, 10)).toBe(0.3);
    expect(at('linear', { to: 0.2 })).toEqual([1, 0.8, 0.6, 0.4, 0.2, 0.2].map((each) => expect.closeTo(each, 12)));
    expect(at('linear', { over: 51 })).toEqual([1, 0.5, 0, 0, 0, 0]);
  });

  it('falls by the same factor with each update, or fast in the middle', () => {
    expect(at('exponential', { from: 0.8, to: 0.05 })).toEqual(
      [0.8, 0.4, 0.2, 0.1, 0.05, 0.05].map((each) => expect.closeTo(each, 12)),
    );
    const sigmoid = at('inverse-sigmoid', {});
    expect([sigmoid[0], sigmoid[2], sigmoid[4]]).toEqual([1, 0.5, 0].map((each) => expect.closeTo(each, 12)));
    expect(sigmoid[1]).toBeGreaterThan(0.9);
    expect(sigmoid[3]).toBeLessThan(0.1);
  });

  it('is that of the first update if there is only one', () => {
    expect(forcingRatio({ kind: 'linear', from: 0.9, to: 0.1 }, 1, 1)).toBe(0.9);
  });
});
