import type { SweepSpec } from '@unroll/contracts';
import type { Dimension } from '../space/dimension';
import { pointOf, spaceOf } from '../space/point';
import { searched } from '../space/searched';
import type { Parameters } from '../space/space';
import { cellsAt, gridOf, type Grid } from './cells';
import { variancesOf } from './fanova';
import { growForest, type Samples } from './forest';

/** A configuration that has finished; less is better. */
export interface FinishedOutcome {
  parameters: Parameters;
  value: number;
}

export interface ParameterImportance {
  items: { parameter: string; importance: number; deviation: number }[];
  interactions: { parameters: [string, string]; importance: number }[];
}

const trees = 48;
/** Configurations without which nothing is said. */
const fewest = 20;
/** Parameters, the most important, of which pairs are looked at. */
const paired = 6;
/** Values further above the upper quartile than so many interquartile ranges count as if they lay there: one that exploded is not all there is. */
const farOut = 3;

/** Why nothing can be said of what matters in a sweep; undefined where it can. */
export function importanceProblem(spec: SweepSpec, outcomes: number): string | undefined {
  const { dimensions } = spaceOf(searched(spec));
  if (dimensions.every(({ levels }) => levels === 1)) return 'the sweep varies nothing';
  if (outcomes >= fewest) return undefined;
  return `${outcomes} configurations have finished, and fewer than ${fewest} say too little`;
}

/**
 * How much of the variance over the space of a sweep each parameter explains: functional ANOVA (Hutter, Hoos and Leyton-Brown 2014) on
 * a random forest. Every part of the space counts as much as the sweep's distributions draw it. Pure; equal outcomes give equal numbers.
 */
export function importanceOf(spec: SweepSpec, outcomes: readonly FinishedOutcome[], seed = 0): ParameterImportance {
  const space = spaceOf(searched(spec));
  const kept = space.dimensions.flatMap((dimension, index) => (dimension.levels > 1 ? [index] : []));
  const dimensions = kept.map((index) => space.dimensions[index]!);
  const grids = dimensions.map(gridOf);
  const cells = outcomes.map(({ parameters }) => {
    const { point } = pointOf(space, parameters);
    return cellsAt(
      dimensions,
      grids,
      Float64Array.from(kept, (index) => point[index]!),
    );
  });
  return decompose(dimensions, grids, { cells, values: fenced(outcomes.map(({ value }) => value)) }, seed);
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
    .map((leaves) => variancesOf(grids, leaves))
    .filter(({ total }) => total > 0);
  const mean = (numbers: readonly number[]): number =>
    numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const alone = dimensions.map((_, index) => all.map(({ total, alone: own }) => own[index]! / total));
  // A path may be a range in one option and another range in the next: what it explains is the sum.
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
