import { divergenceThreshold } from './diverged';

type Item = Parameters<typeof divergenceThreshold>[0]['items'][number];
const item = (value: number, state: Item['state']): Item => ({
  ...{ trialId: 'a', configuration: 0, seed: 0, value: 1, updates: 1, finishedAt: null },
  state,
  at: [value],
});
const trials = (rates: number[], diverges: (rate: number) => boolean): { items: Item[] } => ({
  items: rates.map((rate) => item(rate, diverges(rate) ? 'diverged' : 'completed')),
});
const rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

describe('the threshold above which trials diverge', () => {
  it('separates them from the others', () => {
    const { at, above, below } = divergenceThreshold(
      trials(rates, (rate) => rate > 0.2),
      0,
    )!;
    expect(at).toBeGreaterThan(0.1);
    expect(at).toBeLessThan(0.3);
    expect([above, below]).toEqual([1, 0]);
  });

  it('is not given where the parameter explains nothing, or too few diverged', () => {
    expect(
      divergenceThreshold(
        trials(rates, (rate) => rate < 0.005 || rate === 0.1),
        0,
      ),
    ).toBeNull();
    expect(
      divergenceThreshold(
        trials(rates, (rate) => rate > 2),
        0,
      ),
    ).toBeNull();
  });

  it('leaves out trials that did not end, and those without the parameter', () => {
    const ended = trials(rates, (rate) => rate > 0.2);
    const others = [item(5, 'running'), { ...item(5, 'completed'), at: [null] }];
    expect(divergenceThreshold({ items: [...ended.items, ...others] }, 0)).toEqual(divergenceThreshold(ended, 0));
  });
});
