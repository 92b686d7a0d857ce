import { stream } from '@unroll/random';
import { bestProbabilities, type Measured } from './best-probability';

const row = (mean: number, deviation: number | null, repeats: number): Measured => ({ mean, deviation, repeats });

/** Draws means from what is known about them, and counts how often each is the lowest. */
function simulated(rows: readonly Measured[], draws: number): number[] {
  const random = stream(1, 'noise');
  let index = 0;
  const normal = (): number => random.normal(0, index++);
  const wins = rows.map(() => 0);
  for (let draw = 0; draw < draws; draw += 1) {
    const means = rows.map(({ mean, deviation, repeats }) => {
      const degrees = repeats - 1;
      const squares = Array.from({ length: degrees }, () => normal() ** 2).reduce((sum, each) => sum + each, 0);
      return mean + (deviation! / Math.sqrt(repeats)) * (normal() / Math.sqrt(squares / degrees));
    });
    wins[means.indexOf(Math.min(...means))]! += 1;
  }
  return wins.map((count) => count / draws);
}

describe('the probability to be the best', () => {
  it.each([
    [[row(1, 0.1, 3), row(1.1, 0.2, 3), row(1.3, 0.1, 5)]],
    [[row(-2, 1, 2), row(-1.5, 0.1, 2)]],
    [[row(5, 1, 10), row(5.1, 2, 4), row(5.2, 0.5, 6), row(7, 3, 3), row(6, 0.1, 8)]],
  ])('is how often a row wins when means are drawn from what their seeds say: case %#', (rows) => {
    const expected = simulated(rows, 40_000);
    for (const [index, chance] of bestProbabilities(rows).entries())
      expect(Math.abs(chance! - expected[index]!)).toBeLessThan(0.01);
  });

  it('is shared by equal rows, and sums to 1', () => {
    for (const deviation of [0, 0.3]) {
      const chances = bestProbabilities([row(2, deviation, 4), row(2, deviation, 4), row(9, deviation, 4)]);
      expect(chances[0]).toBeCloseTo(chances[1]!, 6);
      expect(chances.reduce<number>((sum, chance) => sum + chance!, 0)).toBeCloseTo(1, 12);
    }
    expect(bestProbabilities([row(2, 0, 4), row(3, 0, 4)])[0]).toBeCloseTo(1, 6);
  });

  it('of a row with one seed comes from the spread of the others', () => {
    const [, far] = bestProbabilities([row(1, 0.1, 5), row(2, null, 1)]) as number[];
    const [, near] = bestProbabilities([row(1, 0.1, 5), row(1.05, null, 1)]) as number[];
    expect(far).toBeLessThan(0.01);
    expect(near).toBeGreaterThan(0.2);
  });

  it('is unknown where no row has two seeds', () => {
    expect(bestProbabilities([row(1, null, 1), row(2, null, 1)])).toEqual([null, null]);
    expect(bestProbabilities([])).toEqual([]);
  });
});
