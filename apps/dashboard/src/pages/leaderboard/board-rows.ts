import type { Leaderboard, LeaderboardRow } from '@unroll/contracts';
import type { BoardState } from './board-state';

/**
 * Adds the pinned baseline at the top, and the others in order of value, these only where the table shows the unfiltered ranking from
 * the top.
 */
export function withBaselines(
  items: readonly LeaderboardRow[],
  { baselines, pinned }: Pick<Leaderboard, 'baselines' | 'pinned'>,
  goal: 'minimize' | 'maximize',
  { sort, order, where, state, cursor }: BoardState,
): readonly LeaderboardRow[] {
  const ranked =
    sort === 'value' && (order === undefined || order === 'best') && where.length === 0 && !state && !cursor;
  if (items.length === 0) return items;
  const first = pinned ? [pinned] : [];
  if (!ranked) return [...first, ...items];
  const sign = goal === 'minimize' ? 1 : -1;
  return [...first, ...[...items, ...baselines].sort((a, b) => sign * (Number(a.value) - Number(b.value)) || 0)];
}
