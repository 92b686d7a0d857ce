import {
  goalSign,
  metricGoal,
  suggestion,
  ValidationError,
  type BoardQuery,
  type Condition,
  type Leaderboard,
  type Objective,
} from '@unroll/contracts';
import {
  isMetric,
  type BoardFilter,
  type BoardPlace,
  type BoardRequest,
  type BoardSort,
  type FixedValues,
} from '@unroll/database';

/** A leaderboard: its rows, and the parameters and metrics that they can be sorted and filtered by. */
export interface Board {
  place: BoardPlace;
  objective: { metric: string; goal: Objective['goal'] };
  /** Paths of parameters; then names of metrics. */
  parameters: readonly string[];
  metrics: readonly string[];
  /** Names of further metrics, which a study's trials told. */
  told: readonly string[];
  /** Settings that a sweep fixed, by sweep: searched by others, or by none. */
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** By sweep: how many parts of the data it holds out in turn; 1 if it does not. */
  folds: Readonly<Record<string, number>>;
}

const figures = ['value', 'updates', 'seconds', 'finishedAt'] as const;

/** Everything that a board can be sorted by. */
export const boardSorts = ({
  parameters,
  metrics,
  told,
}: Pick<Board, 'parameters' | 'metrics' | 'told'>): Leaderboard['sorts'] => [
  ...figures,
  ...[...metrics, ...told].map((name) => `metric:${name}`),
  ...parameters.map((path) => `parameter:${path}`),
];

/** The database request for a query of this board. @throws ValidationError for a sort or a path that the board does not have */
export function boardRequest(
  board: Board,
  query: Pick<BoardQuery, 'sort' | 'order' | 'state' | 'cell' | 'where'>,
  limit: number,
): { request: BoardRequest; sort: BoardSort; descending: boolean; ranked: boolean } {
  const sorts = boardSorts(board);
  const fixed = fixedPaths(board);
  const isFixed = fixed.some((path) => query.sort === `parameter:${path}`);
  if (!isFixed && !sorts.includes(query.sort)) refuse('sort', query.sort, sorts);
  const sign = goalSign(board.objective);
  const request = { place: board.place, sign, filter: toFilter(board, query), limit };
  const sort = parseSort(query.sort);
  if (sort.by === 'value') {
    const best = (query.order ?? 'best') === 'best';
    // Lower scores are better.
    const descending = !best && (query.order === 'desc') === (sign === 1);
    return { request, sort, descending, ranked: !descending };
  }
  return { request, sort, descending: descends(sort, query.order), ranked: false };
}

/**
 * Whether a sort key other than the value descends: a metric goes from its best value on unless the order says otherwise. Which one that is
 * is not known of what a study tells by a name of its own: it ascends.
 */
function descends(sort: BoardSort, order: BoardQuery['order']): boolean {
  const goal = sort.by === 'metric' ? metricGoal(sort.name) : undefined;
  if (goal && (order ?? 'best') === 'best') return goal === 'maximize';
  if (order !== 'best') return order === 'desc';
  const message =
    sort.by === 'metric'
      ? `which values of ${sort.name} are better is not known: use asc or desc`
      : 'best applies to values and metrics only: use asc or desc';
  throw new ValidationError([{ path: 'order', message }]);
}

function parseSort(text: string): BoardSort {
  const [by, name] = text.split(/:(.*)/);
  return by === 'metric' || by === 'parameter' ? { by, name: name! } : { by: by as (typeof figures)[number] };
}

/** Paths of the settings that a sweep of the board fixed. */
const fixedPaths = ({ settings }: Board): string[] => [...new Set(Object.values(settings).flatMap(Object.keys))];

/** The fixed values of the paths that a query names, by sweep. */
function fixedValues({ settings }: Board, paths: readonly string[]): FixedValues {
  return Object.fromEntries(
    paths.map((path) => [
      path,
      Object.fromEntries(
        Object.entries(settings).flatMap(([sweepId, own]) => (path in own ? [[sweepId, own[path]]] : [])),
      ),
    ]),
  );
}

function toFilter(
  board: Board,
  { sort, state, cell, where }: Pick<BoardQuery, 'sort' | 'state' | 'cell' | 'where'>,
): BoardFilter {
  const drawn = [...board.parameters, 'model.cell', ...fixedPaths(board)];
  // A parameter of a study may have the name of a metric that it tells.
  const told = board.told.filter((name) => !drawn.includes(name));
  const known = ['value', 'updates', 'seconds', ...board.metrics, ...drawn, ...told];
  for (const [index, { path }] of where.entries()) if (!known.includes(path)) refuse(`where[${index}]`, path, known);
  // A filter by one cell uses an index.
  const cells = where.filter(isCell).map((each) => each.equals);
  const conditions = where.filter((each) => !isCell(each));
  const cellWanted = cell ?? cells[0];
  const contradicts = cells.some((each) => each !== cellWanted);
  const nothing: Condition[] = contradicts ? [{ path: 'value', low: Infinity, high: -Infinity }] : [];
  const paths = [...where.map(({ path }) => path), sort.replace(/^parameter:/, '')];
  return { state, cell: cellWanted, conditions: [...conditions, ...nothing], fixed: fixedValues(board, paths), told };
}

const isCell = (condition: Condition): condition is { path: string; equals: string } =>
  condition.path === 'model.cell' && 'equals' in condition;

function refuse(path: string, given: string, known: readonly string[]): never {
  const unique = [...new Set(known)];
  const message = `${JSON.stringify(given)} is not one of ${unique.join(', ')}${suggestion(given, unique)}`;
  throw new ValidationError([{ path, message }]);
}

/** Names of metrics among the figures of a row, in order. */
export const metricNames = (metrics: readonly string[]): string[] => metrics.filter(isMetric).sort();

/** Names of the others, but for that of the value itself, in order. */
export const toldNames = (metrics: readonly string[], { metric }: Pick<Board['objective'], 'metric'>): string[] =>
  metrics.filter((name) => !isMetric(name) && name !== metric).sort();
