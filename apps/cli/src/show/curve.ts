import type { MetricSeries } from '@unroll/contracts';
import { plot } from 'asciichart';
import { number } from './text';

/** Columns of a plotted curve: more points than these are not asked for. */
export const curveWidth = 72;
const height = 14;

/** A curve as a chart of characters, or what there is instead. */
export function curveText({ values, updates }: MetricSeries): string {
  const points = values.filter((value): value is number => value !== null);
  if (points.length === 0)
    return updates.length === 1
      ? 'only one report, which was not finite'
      : `none of ${updates.length} reports was finite`;
  if (points.length === 1)
    return `only one report${updates.length === 1 ? '' : ' that was finite'}: ${number(points[0])}`;
  const [low, high] = [Math.min(...points), Math.max(...points)];
  // The chart has a row for each step of its range, in doubles.
  if (high > low && !(high - low < Infinity && height / (high - low) < Infinity))
    return `from ${number(low)} to ${number(high)}: a range that cannot be plotted`;
  return plot(stretched(points), { height, format: (value) => number(value).padStart(9) });
}

/** Interpolates linearly between points to fill the width of the chart. */
function stretched(points: readonly number[]): number[] {
  if (points.length >= curveWidth) return [...points];
  return Array.from({ length: curveWidth }, (_, column) => {
    const at = (column * (points.length - 1)) / (curveWidth - 1);
    const left = Math.floor(at);
    const right = Math.min(points.length - 1, left + 1);
    return points[left]! + (points[right]! - points[left]!) * (at - left);
  });
}
