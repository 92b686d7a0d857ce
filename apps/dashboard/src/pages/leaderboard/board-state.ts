import type { Query } from '../../api/client';

/** What a leaderboard is asked for, as the address says it: `?sort=seconds&order=asc&where=model.cell:lstm`. */
export interface BoardState {
  sort: string;
  order: string | undefined;
  state: string | undefined;
  where: string[];
  cursor: string | undefined;
  /** Columns that are not shown. */
  hidden: string[];
}

export const pageSize = 50;

export function readBoardState(search: URLSearchParams): BoardState {
  return {
    sort: search.get('sort') ?? 'value',
    order: search.get('order') ?? undefined,
    state: search.get('state') ?? undefined,
    where: search.getAll('where'),
    cursor: search.get('cursor') ?? undefined,
    hidden: search.get('hide')?.split(',').filter(Boolean) ?? [],
  };
}

/** The address with a part of the state changed; what another order or filter makes meaningless, the place in the list, is dropped. */
export function writeBoardState(search: URLSearchParams, change: Partial<BoardState>): URLSearchParams {
  const next = new URLSearchParams(search);
  const state = { ...readBoardState(search), ...change };
  const keepsPlace = 'cursor' in change || Object.keys(change).every((key) => key === 'hidden');
  const set = (key: string, value: string | undefined): void => (value ? next.set(key, value) : next.delete(key));
  set('sort', state.sort === 'value' ? undefined : state.sort);
  set('order', state.order);
  set('state', state.state);
  set('cursor', keepsPlace ? state.cursor : undefined);
  set('hide', state.hidden.join(','));
  next.delete('where');
  for (const condition of state.where) next.append('where', condition);
  return next;
}

/** The query of the API for it. */
export function boardQueryOf({ sort, order, state, where, cursor }: BoardState): Query {
  return { sort, order, state, where, cursor, limit: pageSize };
}

/** Sorting by a column: again turns it around; the value begins with the best, all else with the smallest. */
export function sortBy({ sort, order }: BoardState, by: string): Pick<BoardState, 'sort' | 'order'> {
  if (by !== sort) return { sort: by, order: undefined };
  if (by === 'value')
    return { sort: by, order: order === undefined || order === 'best' ? 'desc' : order === 'desc' ? 'asc' : undefined };
  return { sort: by, order: order === 'desc' ? undefined : 'desc' };
}

/** `where` with the conditions on one path replaced. */
export function withCondition(where: readonly string[], path: string, condition: string | undefined): string[] {
  const others = where.filter((one) => !one.startsWith(`${path}:`));
  return condition === undefined ? others : [...others, condition];
}

/** A range as a condition; ends that are null are open. */
export function rangeCondition(path: string, low: number | null, high: number | null): string | undefined {
  if (low === null && high === null) return undefined;
  return `${path}:${low === null ? '' : rounded(low)}..${high === null ? '' : rounded(high)}`;
}

/** Short enough to read in an address. */
const rounded = (value: number): string => String(Number(value.toPrecision(5)));
