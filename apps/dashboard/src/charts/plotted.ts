import type { Points } from '@unroll/contracts';
import { count } from '../format/number';

/** The trials to plot: those with a value, without diverged ones, which may be 20 orders of magnitude off and flatten the rest. */
export const plotted = (points: Points): Points['items'] =>
  points.items.filter(({ value, state }) => value !== null && state !== 'diverged');

/** `914 trials; 86 diverged trials not shown`. */
export function plottedText(points: Points): string {
  const diverged = points.items.filter(({ state }) => state === 'diverged').length;
  const shown = `${count(plotted(points).length)} trials`;
  return diverged === 0
    ? shown
    : `${shown}; ${count(diverged)} diverged ${diverged === 1 ? 'trial' : 'trials'} not shown`;
}
