import fc from 'fast-check';
import { thin } from './thin';

describe('thinning a curve', () => {
  it('keeps all points where they are few', () => {
    expect(thin(3, 5)).toEqual([0, 1, 2]);
    expect(thin(5, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(thin(0, 5)).toEqual([]);
  });

  it('keeps as many as asked, evenly spaced, the first and the last among them', () => {
    expect(thin(101, 5)).toEqual([0, 25, 50, 75, 100]);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 1, max: 5000 }), (most, more) => {
        const count = most + more;
        const kept = thin(count, most);
        expect([kept.length, kept[0], kept.at(-1)]).toEqual([most, 0, count - 1]);
        const gaps = kept.slice(1).map((index, position) => index - kept[position]!);
        expect(Math.min(...gaps)).toBeGreaterThan(0);
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
