import { Pace } from './pace';

describe('the pace of a trainer', () => {
  it('is the updates of all lanes per second, averaged over the last seconds', () => {
    const pace = new Pace();
    pace.begin(0);
    pace.record(10, 4, 1000);
    expect(pace.rate(1000)).toBe(40);
    for (let second = 2; second <= 20; second += 1) pace.record(10 + 100 * (second - 1), 2, 1000 * second);
    expect(pace.rate(20_000)).toBe(200);
  });

  it('falls while nothing is recorded, and is unknown before and after a run', () => {
    const pace = new Pace();
    expect(pace.rate(0)).toBeNull();
    pace.begin(0);
    expect(pace.rate(500)).toBeNull();
    pace.record(10, 1, 1000);
    expect(pace.rate(10_000)).toBe(1);
    pace.end();
    expect(pace.rate(10_000)).toBeNull();
  });
});
