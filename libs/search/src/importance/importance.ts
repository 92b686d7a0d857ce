import type { SweepSpec } from '@unroll/contracts';
import type { Dimension } from '../space/dimension';
import { isWhole, toPoint, toSpace } from '../space/point';
import { searched } from '../space/searched';
import type { Parameters } from '../space/space';
import { cellsAt, toGrid, type Grid } from './cells';
import { decomposeVariance } from './fanova';
import { growForest, type Samples } from './forest';

/** A finished configuration; lower is better. */
export interface FinishedOutcome {
  parameters: Parameters;
  value: number;
}

export interface ParameterImportance {
  items: { parameter: string; importance: number; deviation: number }[];
  interactions: { parameters: [string, string]; importance: number }[];
}

const trees = 48;
/** Minimum number of configurations. */
const fewest = 20;
/** Number of most important parameters whose pairs are analysed. */
const paired = 6;
/** Values more than this many interquartile ranges above the upper quartile are clipped, so that outliers do not dominate. */
const farOut = 3;

/** The reason why importance cannot be computed for a sweep, if any. */
export function importanceProblem(spec: SweepSpec, outcomes: number): string | undefined {
  const { dimensions } = toSpace(searched(spec));
  if (dimensions.every(({ levels }) => levels === 1)) return 'the sweep varies nothing';
  if (outcomes >= fewest) return undefined;
  return `${outcomes} configurations have finished; at least ${fewest} are needed`;
}

/**
 * The share of the variance over a sweep's space explained by each parameter: functional ANOVA (Hutter, Hoos and Leyton-Brown 2014) on
 * a random forest. The space is weighted by the sweep's distributions. Pure: equal outcomes give equal results.
 */
export function computeImportance(
  spec: SweepSpec,
  outcomes: readonly FinishedOutcome[],
  seed = 0,
): ParameterImportance {
  const space = toSpace(searched(spec));
  const kept = space.dimensions.flatMap((dimension, index) => (dimension.levels > 1 ? [index] : []));
  const dimensions = kept.map((index) => space.dimensions[index]!);
  const grids = dimensions.map(toGrid);
  // Since an edit of the sweep, earlier configurations may be outside of its space.
  const inside = outcomes
    .map(({ parameters, value }) => ({ point: toPoint(space, parameters).point, value }))
    .filter(({ point }) => isWhole(space, point));
  if (inside.length === 0) return { items: [], interactions: [] };
  const cells = inside.map(({ point }) =>
    cellsAt(
      dimensions,
      grids,
      Float64Array.from(kept, (index) => point[index]!),
    ),
  );
  return decompose(dimensions, grids, { cells, values: fenced(inside.map(({ value }) => value)) }, seed);
}

function fenced(values: readonly number[]): Float64Array {
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))]!;
  const fence = quartile(0.75) + farOut * (quartile(0.75) - quartile(0.25));
  return Float64Array.from(values, (value) => Math.min(value, fence));
}

function decompose(
  dimensions: readonly Dimension[],
  grids: readonly Grid[],
  samples: Samples,
  seed: number,
): ParameterImportance {
  const all = growForest(grids, samples, trees, seed)
    .map((leaves) => decomposeVariance(grids, leaves))
    .filter(({ total }) => total > 0);
  const mean = (numbers: readonly number[]): number =>
    numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const alone = dimensions.map((_, index) => all.map(({ total, alone: own }) => own[index]! / total));
  // A path may be a different range in each option: its importance is their sum.
  const paths = [...new Set(dimensions.map(({ path }) => path))];
  const items = paths.map((parameter) => {
    const own = alone.filter((_, index) => dimensions[index]!.path === parameter);
    const parts = all.map((_, tree) => own.reduce((sum, each) => sum + each[tree]!, 0));
    const importance = mean(parts);
    return { parameter, importance, deviation: Math.sqrt(mean(parts.map((part) => (part - importance) ** 2))) };
  });
  const top = dimensions
    .map((_, index) => index)
    .sort((a, b) => mean(alone[b]!) - mean(alone[a]!))
    .slice(0, paired);
  const interactions = top.flatMap((first, place) =>
    top.slice(place + 1).map((second) => ({
      parameters: [dimensions[first]!.path, dimensions[second]!.path] as [string, string],
      importance: mean(all.map(({ total, together }) => together(first, second) / total)),
    })),
  );
  const largest = (a: { importance: number }, b: { importance: number }): number => b.importance - a.importance;
  return { items: items.sort(largest), interactions: interactions.sort(largest) };
}
