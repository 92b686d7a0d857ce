import { uniform } from '../metrics/random-numbers';
import type { TargetForecast } from '../tasks/task';

/** Points of equal probability that stand for each distribution of a mixture. */
const points = 200;
const midpoints = Array.from({ length: points }, (_, at) => (at + 0.5) / points);

/** The mean of several lists of numbers, entry by entry. */
export const meanOf = (all: readonly (readonly number[])[]): number[] =>
  all[0]!.map((_, at) => all.reduce((sum, each) => sum + each[at]!, 0) / all.length);

/** The quantile of ascending values of equal probability (Hyndman & Fan 1996, type 5). */
function quantileOf(sorted: Float64Array, level: number): number {
  const place = Math.min(Math.max(level * sorted.length - 0.5, 0), sorted.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

/** Of counts, the first that reaches the level. */
const countOf = (sorted: Float64Array, level: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(level * sorted.length) - 1))]!;

/** The quantiles of a mixture of distributions in equal parts, from 200 points of each: off by at most a four-hundredth in probability. */
function mixtureQuantiles(all: readonly TargetForecast[], levels: readonly number[], isOfCounts: boolean): number[][] {
  const each = all.map(({ quantilesAt }) => quantilesAt!(midpoints)); // [network][point][row]
  const rows = all[0]!.values.map((_, row) =>
    Float64Array.from(each.flatMap((own) => own.map((point) => point[row]!))).sort(),
  );
  return levels.map((level) => rows.map((sorted) => (isOfCounts ? countOf : quantileOf)(sorted, level)));
}

/**
 * The forecasts of several networks of one column and the same rows as one: of points the mean; of quantiles the mean at each level
 * (Lichtendahl et al. 2013); of distributions the mixture in equal parts, and its median.
 */
export function combinedForecast(all: readonly TargetForecast[], isOfCounts = false): TargetForecast {
  const levels = Object.keys(all[0]!.quantiles ?? {})
    .map(Number)
    .sort((a, b) => a - b);
  if (all.every(({ draw }) => draw)) {
    const quantilesAt = (asked: readonly number[]): number[][] => mixtureQuantiles(all, asked, isOfCounts);
    const quantiles = quantilesAt(levels);
    return {
      values: quantiles[levels.indexOf(0.5)]!,
      quantiles: Object.fromEntries(levels.map((level, place) => [level, quantiles[place]!])),
      quantilesAt,
      draw: () => all[Math.floor(uniform() * all.length)]!.draw!(),
    };
  }
  const values = meanOf(all.map((each) => each.values));
  if (levels.length === 0) return { values };
  const means = levels.map((level) => [level, meanOf(all.map(({ quantiles }) => quantiles![level]!))]);
  return { values, quantiles: Object.fromEntries(means) as Record<string, number[]> };
}
