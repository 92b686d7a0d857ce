import type { LeaderboardRow } from '@unroll/contracts';
import type { BoardState } from './board-state';

/** Adds baselines in order of value, but only where the table shows the unfiltered ranking from the top. */
export function withBaselines(
  items: readonly LeaderboardRow[],
  baselines: readonly LeaderboardRow[],
  goal: 'minimize' | 'maximize',
  { sort, order, where, state, cursor }: BoardState,
): readonly LeaderboardRow[] {
  const ranked =
    sort === 'value' && (order === undefined || order === 'best') && where.length === 0 && !state && !cursor;
  if (!ranked || items.length === 0) return items;
  const sign = goal === 'minimize' ? 1 : -1;
  return [...items, ...baselines].sort((a, b) => sign * (Number(a.value) - Number(b.value)) || 0);
}
