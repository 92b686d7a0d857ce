import { confidenceInterval, pairedP, summarize } from './statistics';

describe('the summary of seeds', () => {
  it("has the confidence interval of Student's tables", () => {
    // t(0.975; 2) = 4.30265.
    const { n, mean, deviation, interval } = summarize([1, 2, 3]);
    expect([n, mean, deviation]).toEqual([3, 2, 1]);
    expect(interval![0]).toBeCloseTo(2 - 4.30265 / Math.sqrt(3), 4);
    expect(interval![1]).toBeCloseTo(2 + 4.30265 / Math.sqrt(3), 4);
    expect(confidenceInterval(0, 1, 10_000)![1] * 100).toBeCloseTo(1.9602, 3);
  });

  it('has no deviation and no interval for one value, and no mean for none', () => {
    expect(summarize([5])).toEqual({ n: 1, mean: 5, deviation: null, interval: null });
    expect(summarize([])).toEqual({ n: 0, mean: null, deviation: null, interval: null });
  });
});

describe('the paired test', () => {
  it("gives the p-value of Student's example of 1908, the hours of sleep", () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const difference = summarize(first.map((hours, patient) => hours - second[patient]!));
    // t = −4.0621 with 9 degrees of freedom.
    expect(pairedP(difference)).toBeCloseTo(0.002833, 5);
    expect(difference.interval![0]).toBeCloseTo(-2.4598858, 5);
    expect(difference.interval![1]).toBeCloseTo(-0.7001142, 5);
  });

  it('gives p = 0 for equal differences, and p = 1 if they are all 0', () => {
    expect(pairedP(summarize([0.5, 0.5, 0.5]))).toBe(0);
    expect(pairedP(summarize([0, 0]))).toBe(1);
  });
});
