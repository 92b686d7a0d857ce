import { valueScale } from './value-scale';

describe('the scale of the value axis', () => {
  it('is logarithmic for values that span powers of ten', () => expect(valueScale([2e-4, 0.1, 5])).toBe('log'));

  it('is linear for a narrow range, for a value of 0 or less, and without values', () => {
    for (const values of [[1, 2, 99], [0, 1, 1e6], [-1, 1e6], []]) expect(valueScale(values)).toBe('value');
  });
});
