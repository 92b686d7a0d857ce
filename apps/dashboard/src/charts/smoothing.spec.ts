import { smooth } from './smoothing';

describe('smoothing', () => {
  it('leaves a constant unchanged from the first value on', () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });

  it('weights earlier values by the strength', () => {
    expect(smooth([0, 3], 0.5)).toEqual([0, 2]);
  });

  it('keeps gaps at non-finite values and continues after them', () => {
    expect(smooth([0, null, 3], 0.5)).toEqual([0, null, 2]);
  });

  it('with strength 0 changes nothing', () => expect(smooth([1, null, 5], 0)).toEqual([1, null, 5]));
});
