import type { Comparison } from '@unroll/contracts';
import { verdict } from './compare';

const side = (trialId: string): Comparison['first'] => ({
  ...{ trialId, sweepId: 'ssssssss', configuration: 0, n: 3 },
  ...{ mean: null, deviation: null, interval: null },
});

const comparison = (mean: number, p: number, goal: 'minimize' | 'maximize' = 'minimize'): Comparison => ({
  objective: { metric: 'validation.loss', goal },
  first: side('aaaaaaaa'),
  second: side('bbbbbbbb'),
  pairs: [],
  difference: { n: 3, mean, deviation: 1, interval: null, p },
});

describe('the verdict of a comparison', () => {
  it('names the better trial by the goal of the metric', () => {
    expect(verdict(comparison(-0.5, 0.01))).toBe('aaaaaaaa is better by 0.5 (paired t-test over 3 seeds, p = 0.01).');
    expect(verdict(comparison(-0.5, 0.01, 'maximize'))).toMatch(/^bbbbbbbb is better by 0.5 /);
    expect(verdict(comparison(0.5, 0.01))).toMatch(/^bbbbbbbb is better/);
  });

  it('is reserved where the seeds explain the difference', () => {
    expect(verdict(comparison(-0.5, 0.2))).toMatch(/^No difference that the seeds do not explain \(.*p = 0.2\)/);
  });

  it('says what a test needs where there is none', () => {
    const none = { ...comparison(0, 1), difference: null };
    expect(verdict({ ...none, pairs: [{ fold: null, seed: 0, first: 1, second: 2 }] })).toMatch(
      /^The two have one seed in common/,
    );
    expect(verdict(none)).toMatch(/no seeds in common.*search.repeats/);
  });
});
