import { coveringArray, type Row } from './covering';

const pairs = (factors: number): number[][] =>
  Array.from({ length: factors }, (_, a) =>
    Array.from({ length: factors - a - 1 }, (_other, b) => [a, a + 1 + b]),
  ).flat();

/** Every pair of values of a row, by factor. */
const pairsOf = (row: Row): string[] => pairs(row.length).map(([a, b]) => `${a}=${row[a!]} ${b}=${row[b!]}`);

/** Every row. */
const product = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (all, size) => all.flatMap((row) => Array.from({ length: size }, (_, value) => [...row, value])),
    [[]],
  );

describe('a covering array', () => {
  const sizes = [3, 4, 2, 2, 5];
  const basesOf = (accepts: (row: Row) => boolean): Row[] =>
    product(sizes.slice(0, 2))
      .map((row) => [...row, 0, 0, 0])
      .filter(accepts);

  it('has every pair that some accepted row has, in few accepted rows', () => {
    // The third factor needs the first, the fourth excludes a value of the second, and the last two exclude one another.
    const accepts = ([a, b, c, d, e]: Row): boolean =>
      !(c === 1 && a !== 2) && !(d === 1 && b === 3) && !(d === 1 && e! > 2);
    const rows = coveringArray({ sizes, groups: pairs(5), pivots: [0, 1], bases: basesOf(accepts), accepts });
    const accepted = product(sizes).filter(accepts);
    expect(rows.every(accepts)).toBe(true);
    expect(new Set(rows.flatMap(pairsOf))).toEqual(new Set(accepted.flatMap(pairsOf)));
    // At least 20 are needed for the pairs of the two factors with most values.
    expect(rows.length).toBeLessThan(30);
    expect(accepted.length).toBeGreaterThan(100);
  });

  it('has every value with each setting of two factors, where these are the groups', () => {
    const accepts = (): boolean => true;
    const groups = [2, 3, 4].map((factor) => [0, 1, factor]);
    const rows = coveringArray({ sizes, groups, pivots: [0, 1], bases: basesOf(accepts), accepts });
    for (const group of groups) {
      const found = new Set(rows.map((row) => group.map((factor) => row[factor]).join()));
      expect(found.size).toBe(group.reduce((count, factor) => count * sizes[factor]!, 1));
    }
    expect(rows.length).toBe(3 * 4 * 5);
  });
});
