import type { Query } from '../../api/client';

/** What the list of sweeps is filtered and sorted by; the address has the same names as the API. */
const kept = [
  'search',
  'owner',
  'dataset',
  'tag',
  'state',
  'parameter',
  'since',
  'until',
  'archived',
  'sort',
  'order',
  'cursor',
] as const;
export type SweepsKey = (typeof kept)[number];
const filters = ['search', 'owner', 'dataset', 'tag', 'state', 'parameter', 'since', 'until', 'archived'] as const;

export const sweepsQueryOf = (search: URLSearchParams): Query =>
  Object.fromEntries(kept.flatMap((name) => (search.get(name) ? [[name, search.getAll(name)]] : [])));

/** The filters that are set, as words to show. */
export const activeFilters = (search: URLSearchParams): { name: SweepsKey; text: string }[] =>
  filters.flatMap((name) =>
    search.get(name) ? [{ name, text: filterText(name, search.getAll(name).join(', ')) }] : [],
  );

const filterText = (name: SweepsKey, value: string): string => (name === 'archived' ? 'archived' : `${name}: ${value}`);

/** The address with one key changed. Another filter or order returns to the first page. */
export function withKey(search: URLSearchParams, name: SweepsKey, value: string | undefined): URLSearchParams {
  const next = new URLSearchParams(search);
  if (name !== 'cursor') next.delete('cursor');
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

/** Which way each order goes first. */
const first = { created: 'desc', finished: 'desc', name: 'asc', owner: 'asc' } as const;
type Sort = keyof typeof first;

const isSort = (text: string | null): text is Sort => text !== null && text in first;

/** How the list is sorted. */
export function sortOf(search: URLSearchParams): { by: Sort; descending: boolean } {
  const given = search.get('sort');
  const by = isSort(given) ? given : 'created';
  return { by, descending: (search.get('order') ?? first[by]) === 'desc' };
}

/** The address sorted by a column; a second click reverses the order. */
export function sortedBy(search: URLSearchParams, by: string): URLSearchParams {
  const now = sortOf(search);
  const sorted = withKey(search, 'sort', by === 'created' ? undefined : by);
  if (by !== now.by || !isSort(by)) return withKey(sorted, 'order', undefined);
  const descending = !now.descending;
  return withKey(sorted, 'order', descending === (first[by] === 'desc') ? undefined : descending ? 'desc' : 'asc');
}
