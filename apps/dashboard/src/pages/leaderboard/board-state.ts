import type { Query } from '../../api/client';

/** The state of a leaderboard in the address: `?sort=seconds&order=asc&where=model.cell:lstm`. */
export interface BoardState {
  sort: string;
  order: string | undefined;
  state: string | undefined;
  where: string[];
  cursor: string | undefined;
  /** Hidden columns. */
  hidden: string[];
  /** Shown columns of those that are hidden unless chosen. */
  shown: string[];
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
    shown: search.get('show')?.split(',').filter(Boolean) ?? [],
  };
}

/** The address with part of the state changed. A new sort order or filter returns to the first page. */
export function writeBoardState(search: URLSearchParams, change: Partial<BoardState>): URLSearchParams {
  const next = new URLSearchParams(search);
  const state = { ...readBoardState(search), ...change };
  const keepsPage = 'cursor' in change || Object.keys(change).every((key) => key === 'hidden' || key === 'shown');
  const set = (key: string, value: string | undefined): void => (value ? next.set(key, value) : next.delete(key));
  set('sort', state.sort === 'value' ? undefined : state.sort);
  set('order', state.order);
  set('state', state.state);
  set('cursor', keepsPage ? state.cursor : undefined);
  set('hide', state.hidden.join(','));
  set('show', state.shown.join(','));
  next.delete('where');
  for (const condition of state.where) next.append('where', condition);
  return next;
}

/** The API query for a state. */
export function boardQuery({ sort, order, state, where, cursor }: BoardState): Query {
  return { sort, order, state, where, cursor, limit: pageSize };
}

/** Sorts by a column: by a value or a metric from the best, otherwise ascending; a second click reverses the order. */
export function sortBy({ sort, order }: BoardState, by: string): Pick<BoardState, 'sort' | 'order'> {
  if (by !== sort) return { sort: by, order: undefined };
  if (by === 'value' || by.startsWith('metric:'))
    return { sort: by, order: order === undefined || order === 'best' ? 'desc' : order === 'desc' ? 'asc' : undefined };
  return { sort: by, order: order === 'desc' ? undefined : 'desc' };
}

/** `where` with the conditions on one path replaced. */
export function withCondition(where: readonly string[], path: string, condition: string | undefined): string[] {
  const others = where.filter((one) => !one.startsWith(`${path}:`));
  return condition === undefined ? others : [...others, condition];
}

/** The name that stands for all columns that are hidden unless chosen. */
export const everyColumn = 'all';

/** Whether the table shows a column. */
export const isShown = (
  { id, optional }: { id: string; optional?: boolean },
  { hidden, shown }: Pick<BoardState, 'hidden' | 'shown'>,
): boolean =>
  optional ? (shown.includes(id) || shown.includes(everyColumn)) && !hidden.includes(id) : !hidden.includes(id);

/** The state with a column shown or hidden. */
export function withColumn(
  { id, optional }: { id: string; optional?: boolean },
  { hidden, shown }: Pick<BoardState, 'hidden' | 'shown'>,
  show: boolean,
): Pick<BoardState, 'hidden' | 'shown'> {
  const [others, rest] = [hidden, shown].map((all) => all.filter((each) => each !== id)) as [string[], string[]];
  if (!show) return { hidden: optional && !shown.includes(everyColumn) ? others : [...others, id], shown: rest };
  return { hidden: others, shown: optional && !shown.includes(everyColumn) ? [...rest, id] : rest };
}
