import type { Points } from '@unroll/contracts';
import { count } from '../format/number';

/** The trials that a picture of values shows. One that diverged may be far away by twenty powers of ten, and would press all others flat. */
export const plotted = (points: Points): Points['items'] =>
  points.items.filter(({ value, state }) => value !== null && state !== 'diverged');

/** `914 trials; 86 that diverged are left out`. */
export function plottedText(points: Points): string {
  const diverged = points.items.filter(({ state }) => state === 'diverged').length;
  const shown = `${count(plotted(points).length)} trials`;
  return diverged === 0 ? shown : `${shown}; ${count(diverged)} that diverged are left out`;
}
