import { unitOf, type SweepSpec } from '@unroll/contracts';
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

/** The values without far ones, in a unit in which they can be squared. */
function fenced(values: readonly number[]): Float64Array {
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))]!;
  const [least, lower, upper] = [sorted[0]!, quartile(0.25), quartile(0.75)];
  const unit = unitOf([least, upper]);
  const fence = upper / unit + farOut * (upper / unit - lower / unit);
  return Float64Array.from(values, (value) => Math.min(value / unit, fence));
}

/** Whether a configuration can have both dimensions, which are not those of two options of one list. */
const canMeet = ({ within: one }: Dimension, { within: other }: Dimension): boolean =>
  one === undefined || one.dimension !== other?.dimension || one.option === other.option;

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
  const effect = (first: number, second = first): number[] =>
    all.map(({ total, alone, together }) => (first === second ? alone[first]! : together(first, second)) / total);
  /** The effects of dimensions in each tree, of which none is empty. */
  const sum = (effects: readonly number[][]): number[] =>
    all.map((_, tree) => effects.reduce((parts, each) => parts + each[tree]!, 0));
  // A path may be several dimensions, such as a range in each option: its importance is that of all together.
  const paths = [...new Set(dimensions.map(({ path }) => path))];
  const indicesOf = (path: string): number[] =>
    [...dimensions.keys()].filter((index) => dimensions[index]!.path === path);
  const items = paths.map((parameter) => {
    const own = indicesOf(parameter);
    const joint = own.flatMap((first, place) =>
      own
        .slice(place + 1)
        .flatMap((second) => (canMeet(dimensions[first]!, dimensions[second]!) ? [effect(first, second)] : [])),
    );
    const parts = sum([...own.map((index) => effect(index)), ...joint]);
    const importance = mean(parts);
    return { parameter, importance, deviation: Math.sqrt(mean(parts.map((part) => (part - importance) ** 2))) };
  });
  const largest = (a: { importance: number }, b: { importance: number }): number => b.importance - a.importance;
  items.sort(largest);
  const top = items.slice(0, paired).map(({ parameter }) => parameter);
  const interactions = top.flatMap((one, place) =>
    top.slice(place + 1).map((other) => {
      const pairs = indicesOf(one).flatMap((first) =>
        indicesOf(other).flatMap((second) =>
          canMeet(dimensions[first]!, dimensions[second]!) ? [effect(first, second)] : [],
        ),
      );
      return { parameters: [one, other] as [string, string], importance: mean(sum(pairs)) };
    }),
  );
  return { items, interactions: interactions.sort(largest) };
}
