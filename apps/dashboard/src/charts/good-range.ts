import type { Points } from '@unroll/contracts';
import { belowLog, onAxis } from './below-log';
import { plotted } from './plotted';

/** Share of the trials that count as good, and how few are too few. */
const goodShare = 0.1;
const fewest = 5;

/** The trials with the best values: a tenth, at least five. */
export function goodTrials(points: Points): Points['items'] {
  const sign = points.goal === 'minimize' ? 1 : -1;
  const ranked = plotted(points).toSorted((a, b) => sign * (a.value! - b.value!));
  return ranked.slice(0, Math.max(fewest, Math.ceil(ranked.length * goodShare)));
}

/**
 * The range of a numeric parameter in which the best tenth of the trials lies. Null with too few trials, or if the range is no narrower
 * than three quarters of what was tried (of its logarithm on a logarithmic scale).
 */
export function goodRange(points: Points, index: number): [low: number, high: number] | null {
  const valuesOf = (items: Points['items']): number[] =>
    items.flatMap(({ at }) => (typeof at[index] === 'number' ? [at[index]] : [])).sort((a, b) => a - b);
  const [all, good] = [valuesOf(plotted(points)), valuesOf(goodTrials(points))];
  if (all.length < 4 * fewest || good.length < fewest) return null;
  const [low, high] = [good[0]!, good.at(-1)!];
  const below = belowLog(points, index);
  const place = (value: number): number =>
    points.parameters[index]!.scale === 'log' ? Math.log(onAxis(value, below) as number) : value;
  const tried = place(all.at(-1)!) - place(all[0]!);
  return place(high) - place(low) <= 0.75 * tried ? [low, high] : null;
}
