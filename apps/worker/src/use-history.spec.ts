import { UseHistory } from './use-history';

const minute = 60_000;

describe('the use of a worker', () => {
  it('is the share of its trainers at work in each minute', () => {
    const use = new UseHistory();
    expect(use.percents).toEqual([]);
    use.record(1, 0);
    expect(use.percents).toEqual([]);
    use.record(1, 30_000);
    expect(use.percents).toEqual([100]);
    use.record(0, minute);
    expect(use.percents).toEqual([50]);
    use.record(0.25, 1.5 * minute);
    expect(use.percents).toEqual([50, 25]);
  });

  it('divides what spans several minutes among them, and keeps an hour', () => {
    const use = new UseHistory();
    use.record(0, 0);
    use.record(0.5, 2.5 * minute);
    expect(use.percents).toEqual([50, 50, 50]);
    use.record(1, 3 * minute);
    expect(use.percents).toEqual([50, 50, 75]);
    use.record(1, 100 * minute);
    expect(use.percents).toEqual(Array(60).fill(100));
  });
});
