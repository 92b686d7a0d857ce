import type { Points } from '@unroll/contracts';
import { count } from '../format/number';

/** The trials to plot: those with a value, without diverged ones, which may be 20 orders of magnitude off and flatten the rest. */
export const plotted = (points: Points): Points['items'] =>
  points.items.filter(({ value, state }) => value !== null && state !== 'diverged');

/** Those that diverged, which charts show in red at the edge where the worst values are. */
export const diverged = (points: Points): Points['items'] => points.items.filter(({ state }) => state === 'diverged');

/** `914 trials; in red, 86 that diverged`. */
export function plottedText(points: Points): string {
  const amount = diverged(points).length;
  const shown = `${count(plotted(points).length)} trials`;
  return amount === 0 ? shown : `${shown}; in red, ${count(amount)} that diverged`;
}

/** The least step of ECharts' axis of a parameter: 1 where every trial has a whole number or nothing. No index of one: any step. */
export function wholeTicks({ items }: Points, index: number): { minInterval?: number } {
  const isWhole = items.every(({ at }) => at[index] === null || Number.isInteger(at[index]));
  return isWhole ? { minInterval: 1 } : {};
}
