import { stream } from '@unroll/random';
import { allCells, mostCells, type Grid } from './cells';

/** A leaf of a regression tree: its cells per dimension, as bit masks, and its prediction. */
export interface Leaf {
  sets: Uint32Array;
  value: number;
}

/** The training data of a forest. `cells[sample][dimension]`: −1 where the dimension does not exist. */
export interface Samples {
  cells: readonly Int8Array[];
  values: Float64Array;
}

/** Minimum number of samples per leaf. */
const leastLeaf = 2;
/** Fraction of the dimensions considered at a split. */
const looked = 5 / 6;

interface Split {
  dimension: number;
  /** Cells of the left branch. */
  left: number;
  gain: number;
}

/**
 * A random forest of regression trees (Breiman 2001), each grown on a bootstrap sample. A node splits on a dimension only if it exists
 * in all of its samples, so that the effect of the choice it depends on is not attributed to it.
 */
export function growForest(grids: readonly Grid[], samples: Samples, trees: number, seed: number): Leaf[][] {
  const numbers = stream(seed, 'search');
  const count = samples.values.length;
  return Array.from({ length: trees }, (_, tree) => {
    let drawn = 0;
    const uniform = (): number => numbers.uniformFloat32(tree, drawn++);
    const own = Int32Array.from({ length: count }, () => Math.floor(uniform() * count));
    const leaves: Leaf[] = [];
    grow(
      grids,
      samples,
      own,
      Uint32Array.from(grids, ({ cells }) => allCells(cells)),
      uniform,
      leaves,
    );
    return leaves;
  });
}

function grow(
  grids: readonly Grid[],
  samples: Samples,
  own: Int32Array,
  sets: Uint32Array,
  uniform: () => number,
  leaves: Leaf[],
): void {
  const split = bestSplit(grids, samples, own, sets, uniform);
  if (!split) {
    let sum = 0;
    for (const sample of own) sum += samples.values[sample]!;
    leaves.push({ sets, value: sum / own.length });
    return;
  }
  const { dimension, left } = split;
  const isLeft = (sample: number): boolean => ((left >>> samples.cells[sample]![dimension]!) & 1) === 1;
  const [less, more] = [sets.slice(), sets.slice()];
  less[dimension] = left;
  more[dimension] = (sets[dimension]! & ~left) >>> 0;
  grow(grids, samples, own.filter(isLeft), less, uniform, leaves);
  grow(
    grids,
    samples,
    own.filter((sample) => !isLeft(sample)),
    more,
    uniform,
    leaves,
  );
}

function bestSplit(
  grids: readonly Grid[],
  samples: Samples,
  own: Int32Array,
  sets: Uint32Array,
  uniform: () => number,
): Split | undefined {
  if (own.length < 2 * leastLeaf) return undefined;
  let best: Split | undefined;
  const skipped = grids.length - Math.ceil(grids.length * looked);
  let left = skipped;
  for (let dimension = 0; dimension < grids.length; dimension += 1) {
    // Skips `left` of the remaining dimensions, uniformly.
    if (left > 0 && uniform() * (grids.length - dimension) < left) {
      left -= 1;
      continue;
    }
    const found = splitOn(dimension, grids[dimension]!, samples, own, sets[dimension]!);
    if (found && (!best || found.gain > best.gain)) best = found;
  }
  return best;
}

const sums = new Float64Array(mostCells);
const counts = new Int32Array(mostCells);

/** The split of one dimension that reduces the squared error most; for a list, by the means of its options (Breiman et al. 1984, 4.2). */
function splitOn(
  dimension: number,
  { cells, isList }: Grid,
  { cells: places, values }: Samples,
  own: Int32Array,
  set: number,
): Split | undefined {
  sums.fill(0);
  counts.fill(0);
  let total = 0;
  for (const sample of own) {
    const cell = places[sample]![dimension]!;
    if (cell < 0) return undefined;
    sums[cell]! += values[sample]!;
    counts[cell]! += 1;
    total += values[sample]!;
  }
  const order: number[] = [];
  for (let cell = 0; cell < cells; cell += 1) if (counts[cell]! > 0) order.push(cell);
  if (isList) order.sort((a, b) => sums[a]! / counts[a]! - sums[b]! / counts[b]!);
  const base = (total * total) / own.length;
  let [gain, at, sum, count] = [1e-12 * Math.abs(base), -1, 0, 0];
  for (let index = 0; index < order.length - 1; index += 1) {
    sum += sums[order[index]!]!;
    count += counts[order[index]!]!;
    if (count < leastLeaf || own.length - count < leastLeaf) continue;
    const own2 = (sum * sum) / count + ((total - sum) * (total - sum)) / (own.length - count) - base;
    if (own2 > gain) [gain, at] = [own2, index];
  }
  if (at < 0) return undefined;
  return { dimension, gain, left: isList ? optionsUpTo(order, at) & set : cellsUpTo(order[at]!, order[at + 1]!) & set };
}

const optionsUpTo = (order: readonly number[], at: number): number =>
  order.slice(0, at + 1).reduce((bits, cell) => bits | (1 << cell), 0) >>> 0;

/** For a range: all cells up to the midpoint between two values. */
const cellsUpTo = (below: number, above: number): number => allCells(Math.floor((below + above + 1) / 2));
