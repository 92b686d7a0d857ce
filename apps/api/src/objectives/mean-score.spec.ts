import { meanScore } from './mean-score';

const minimized = { metric: 'train.loss', goal: 'minimize' } as const;
const of = (...values: number[]): number | null =>
  meanScore(
    minimized,
    values.map((loss) => ({ 'train.loss': loss })),
  );

describe('the mean over seeds', () => {
  it('is finite where a sum of the values is not', () => {
    expect(of(1e308, 1e308)).toBe(1e308);
    expect(of(-1.5e308, -1.5e308, -1.5e308)).toBe(-1.5e308);
    expect(of(1e308, 1e308, -1e308, -1e308)).toBe(0);
  });

  it('is that of the sum otherwise, with the sign of the goal, and none where a seed lacks the metric', () => {
    expect(of(0.1, 0.2, 0.3)).toBe((0.1 + 0.2 + 0.3) / 3);
    expect(meanScore({ ...minimized, goal: 'maximize' }, [{ 'train.loss': 1 }, { 'train.loss': 2 }])).toBe(-1.5);
    expect(meanScore(minimized, [{ 'train.loss': 1 }, {}])).toBeNull();
    expect(meanScore(minimized, [])).toBeNull();
  });
});
