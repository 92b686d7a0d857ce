import { countCells, type Grid } from './cells';
import type { Leaf } from './forest';

/** A tree's variance components: main effects per dimension, and pairwise interactions. */
export interface Variances {
  total: number;
  alone: Float64Array;
  together: (first: number, second: number) => number;
}

/**
 * Decomposes the variance of a tree over the whole space (functional ANOVA; Hutter, Hoos and Leyton-Brown 2014). Leaves are boxes, so
 * marginal means are sums over leaves. Exact for the tree.
 */
export function decomposeVariance(grids: readonly Grid[], leaves: readonly Leaf[]): Variances {
  const parts = leaves.map(({ sets }) =>
    Float64Array.from(grids, ({ cells }, index) => countCells(sets[index]!) / cells),
  );
  const weights = parts.map((own) => own.reduce((product, part) => product * part, 1));
  let mean = 0;
  for (const [index, { value }] of leaves.entries()) mean += weights[index]! * value;
  let total = 0;
  for (const [index, { value }] of leaves.entries()) total += weights[index]! * (value - mean) ** 2;

  const marginal = (dimension: number): number => {
    const { cells } = grids[dimension]!;
    const sums = new Float64Array(cells);
    for (const [index, { sets, value }] of leaves.entries()) {
      const share = ((value - mean) * weights[index]!) / parts[index]![dimension]!;
      const set = sets[dimension]!;
      for (let cell = 0; cell < cells; cell += 1) if ((set >>> cell) & 1) sums[cell]! += share;
    }
    return meanSquare(sums);
  };
  const alone = Float64Array.from(grids, (_, dimension) => marginal(dimension));

  const together = (first: number, second: number): number => {
    const [rows, columns] = [grids[first]!.cells, grids[second]!.cells];
    const sums = new Float64Array(rows * columns);
    for (const [index, { sets, value }] of leaves.entries()) {
      const share = ((value - mean) * weights[index]!) / (parts[index]![first]! * parts[index]![second]!);
      const [across, along] = [sets[first]!, sets[second]!];
      for (let row = 0; row < rows; row += 1) {
        if (!((across >>> row) & 1)) continue;
        for (let column = 0; column < columns; column += 1)
          if ((along >>> column) & 1) sums[row * columns + column]! += share;
      }
    }
    return Math.max(0, meanSquare(sums) - alone[first]! - alone[second]!);
  };
  return { total, alone, together };
}

function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum / values.length;
}
