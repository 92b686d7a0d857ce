import { duration } from './duration';

describe('a duration', () => {
  it.each([
    ['90s', 90],
    ['1.5h', 5400],
    ['30m', 1800],
    ['2 d', 172_800],
    [45, 45],
  ])('%j is %d seconds', (written, seconds) => {
    expect(duration.parse(written)).toBe(seconds);
  });

  it.each(['2', 'h', '2w', '-1h', '1h30m', 0, -5, '0s', NaN, 1e12, true, null])('%j is refused', (written) => {
    expect(duration.safeParse(written).success).toBe(false);
  });
});
