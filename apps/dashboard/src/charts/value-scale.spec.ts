import { valueScale } from './value-scale';

describe('the axis of values', () => {
  it('is logarithmic where they span powers of ten', () => expect(valueScale([2e-4, 0.1, 5])).toBe('log'));

  it('is linear where they are near each other, where one is not above 0, and where there is none', () => {
    for (const values of [[1, 2, 99], [0, 1, 1e6], [-1, 1e6], []]) expect(valueScale(values)).toBe('value');
  });
});
