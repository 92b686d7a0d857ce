import { signedRankP } from './signed-rank';

/** The same probability, from every combination of signs of the differences that are not 0. */
function enumerated(differences: readonly number[]): number {
  const magnitudes = differences.map(Math.abs);
  const rank = (own: number): number =>
    magnitudes.filter((other) => other < own).length + (magnitudes.filter((other) => other === own).length + 1) / 2;
  const ranks = differences.flatMap((difference) => (difference === 0 ? [] : [rank(Math.abs(difference))]));
  const signs = differences.filter((difference) => difference !== 0).map((difference) => difference > 0);
  const sum = (isPositive: (index: number) => boolean): number =>
    ranks.reduce((total, each, index) => total + (isPositive(index) ? each : 0), 0);
  const observed = sum((index) => signs[index]!);
  const all = 2 ** ranks.length;
  return (
    Array.from({ length: all }, (_, bits) => sum((index) => (bits & (1 << index)) !== 0)).filter(
      (each) => each >= observed,
    ).length / all
  );
}

describe('the signed-rank test', () => {
  it.each([
    [[1, 2, 3, 4], 1 / 16],
    [[5, 1, 4, 2, 3], 1 / 32],
    [[-1, 2, 3, 4, 5, 6], 2 / 64],
    [[1, -2, 3, 4, 5, 6], 3 / 64],
    [[-1, -2, -3], 1],
    // Heights of cross- and self-fertilised plants, the example of scipy.stats.wilcoxon with alternative='greater'.
    [[6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75], 0.0206298828125],
  ])('gives the exact p-value of %j', (differences, p) => {
    expect(signedRankP(differences)).toBeCloseTo(p, 14);
  });

  it.each([
    [[1, 1, 1, 1, 1]],
    [[2, 2, -2, 3, 3, -1, 4]],
    [[0, 1, 1, 2, -1, 3]],
    [[0, 0, 0, 4, 5]],
    [[0, 0, 0]],
    [[Infinity, Infinity, 1, -2]],
  ])('is exact where differences tie, are zero or infinite: %j', (differences) => {
    expect(signedRankP(differences)).toBeCloseTo(enumerated(differences), 14);
  });

  it('needs more than the few pairs that differ where most are equal', () => {
    expect(signedRankP([0, 0, 0, 0, 0, 1, 2])).toBe(1 / 4);
  });

  it('is nearly continuous where the normal approximation begins', () => {
    const mixed = (count: number): number[] =>
      Array.from({ length: count }, (_, index) => (index % 3 === 0 ? -1 : 1) * (index + 1));
    const [exact, approximate] = [signedRankP(mixed(50)), signedRankP(mixed(51))];
    expect(exact).toBeGreaterThan(0.01);
    expect(Math.abs(exact - approximate)).toBeLessThan(0.01);
  });
});
