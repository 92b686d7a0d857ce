import { intervalOf, pairedP, summaryOf } from './statistics';

describe('the summary of repeats', () => {
  it('has the interval that tables of Student give', () => {
    // t(0.975; 2) = 4.30265.
    const { n, mean, deviation, interval } = summaryOf([1, 2, 3]);
    expect([n, mean, deviation]).toEqual([3, 2, 1]);
    expect(interval![0]).toBeCloseTo(2 - 4.30265 / Math.sqrt(3), 4);
    expect(interval![1]).toBeCloseTo(2 + 4.30265 / Math.sqrt(3), 4);
    expect(intervalOf(0, 1, 10_000)![1] * 100).toBeCloseTo(1.9602, 3);
  });

  it('of one has no deviation and no interval, of none no mean', () => {
    expect(summaryOf([5])).toEqual({ n: 1, mean: 5, deviation: null, interval: null });
    expect(summaryOf([])).toEqual({ n: 0, mean: null, deviation: null, interval: null });
  });
});

describe('the paired test', () => {
  it("gives the p of Student's own example, the hours of sleep of 1908", () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const difference = summaryOf(first.map((hours, patient) => hours - second[patient]!));
    // t = −4.0621 with 9 degrees of freedom.
    expect(pairedP(difference)).toBeCloseTo(0.002833, 5);
    expect(difference.interval![0]).toBeCloseTo(-2.4598858, 5);
    expect(difference.interval![1]).toBeCloseTo(-0.7001142, 5);
  });

  it('finds no chance in differences that are all the same, unless they are 0', () => {
    expect(pairedP(summaryOf([0.5, 0.5, 0.5]))).toBe(0);
    expect(pairedP(summaryOf([0, 0]))).toBe(1);
  });
});
