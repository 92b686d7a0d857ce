import { smooth } from './smoothing';

describe('smoothing', () => {
  it('leaves a constant as it is, from the first value on', () => {
    for (const value of smooth([3, 3, 3, 3], 0.9)) expect(value).toBeCloseTo(3, 12);
  });

  it('weighs what came before: by half, at a strength of a half', () => {
    expect(smooth([0, 3], 0.5)).toEqual([0, 2]);
  });

  it('keeps gaps where a value was not finite, and goes on behind them', () => {
    expect(smooth([0, null, 3], 0.5)).toEqual([0, null, 2]);
  });

  it('of strength 0 changes nothing', () => expect(smooth([1, null, 5], 0)).toEqual([1, null, 5]));
});
