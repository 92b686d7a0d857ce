import { goalSign, toMeasure, type BoardQuery, type Leaderboard, type LeaderboardRow } from '@unroll/contracts';
import {
  findBaselines,
  pinnedRow,
  countRows,
  rankedPage,
  sortedPage,
  type BaselineOnBoard,
  type BoardRow,
  type Standing,
} from '@unroll/database';
import type { DataSource } from 'typeorm';
import { bestProbabilities } from './best-probability';
import { writeRanked, readRanked, readSorted, writeSorted } from './board-cursor';
import { boardRequest, boardSorts, type Board } from './board-request';
import { confidenceInterval } from './statistics';

/** Most rows that are counted for a first page: counting more would take too long. */
const mostCounted = 10_000;

type PageQuery = Pick<BoardQuery, 'sort' | 'order' | 'state' | 'cell' | 'where'> & {
  limit: number;
  cursor?: string | undefined;
};

export interface PageOfRows {
  rows: (BoardRow & Standing)[];
  nextCursor: string | null;
  previousCursor: string | null;
  total: number | null;
  /** Whether the sort key descends; that of a value, not of its score. */
  descending: boolean;
}

/** A page of rows in the requested order. @throws ValidationError */
export async function readRows(dataSource: DataSource, board: Board, query: PageQuery): Promise<PageOfRows> {
  const { request, sort, descending, ranked } = boardRequest(board, query, query.limit);
  const order = `${query.sort} ${descending ? 'descending' : 'ascending'}`;
  /** Counted for the first page, then carried in the cursors. */
  const countTotal = (total: number | null | undefined, { rows, hasNext }: { rows: unknown[]; hasNext: boolean }) =>
    total !== undefined ? total : hasNext ? countRows(dataSource, request, mostCounted) : rows.length;
  if (ranked) {
    const from = readRanked(query.cursor, order);
    const page = await rankedPage(dataSource, request, from);
    const total = await countTotal(from?.total, page);
    const cursors = pageCursors(page, writeRanked(order, total));
    return { rows: page.rows, total, descending: request.sign === -1, ...cursors };
  }
  const from = readSorted(query.cursor, order);
  const page = await sortedPage(dataSource, request, sort, descending, from);
  const total = await countTotal(from?.total, page);
  const cursors = pageCursors(page, writeSorted(order, total));
  return {
    rows: page.rows,
    total,
    descending: descending !== (sort.by === 'value' && request.sign === -1),
    ...cursors,
  };
}

function pageCursors<Row>(
  { rows, hasNext, hasPrevious }: { rows: Row[]; hasNext: boolean; hasPrevious: boolean },
  cursor: (way: 'next' | 'previous', row: Row) => string,
): { nextCursor: string | null; previousCursor: string | null } {
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    nextCursor: hasNext && last ? cursor('next', last) : null,
    previousCursor: hasPrevious && first ? cursor('previous', first) : null,
  };
}

/** A page of a leaderboard, with the baselines of `boards`. */
export async function boardPage(
  dataSource: DataSource,
  board: Board,
  boards: readonly string[],
  query: PageQuery,
): Promise<Leaderboard> {
  const { metric, goal } = board.objective;
  const [{ rows, ...page }, baselines, found] = await Promise.all([
    readRows(dataSource, board, query),
    findBaselines(dataSource, boards),
    // What is compared with it must be measured alike.
    boards.length === 1 ? pinnedRow(dataSource, boards[0]!, { metric, goal }) : undefined,
  ]);
  const pinned = found ? { ...rowView({ ...found, ...unranked }, board), difference: 0 } : null;
  return {
    objective: { metric, goal },
    items: withDifferences(withProbabilities(rows, board), pinned),
    ...page,
    sorts: boardSorts(board),
    settings: Object.fromEntries(
      [...new Set(rows.map(({ sweepId }) => sweepId))].map((sweepId) => [sweepId, board.settings[sweepId] ?? {}]),
    ),
    baselines: isSplit(board) ? [] : baselines.flatMap((baseline) => baselineView(baseline, board)),
    pinned: pinned && { ...pinned, rank: null },
  };
}

/** It is shown beside the ranking, wherever it stands in it. */
const unranked: Standing = { rank: 0, tied: false };

/** Rows with how much they differ from the pinned baseline. */
function withDifferences(rows: readonly LeaderboardRow[], pinned: LeaderboardRow | null): LeaderboardRow[] {
  if (!pinned) return [...rows];
  return rows.map((row) => {
    const difference = Number(row.value) - Number(pinned.value);
    return { ...row, difference: Number.isFinite(difference) ? difference : null };
  });
}

/** The rows of a page, with their probabilities to be the best of it. */
function withProbabilities(rows: readonly (BoardRow & Standing)[], board: Board): LeaderboardRow[] {
  const chances = bestProbabilities(
    rows.map(({ score, deviation, repeats, sweepId }) => ({
      ...{ mean: score, deviation, repeats, folds: foldsOf(board, sweepId) },
    })),
  );
  return rows.map((row, index) => ({ ...rowView(row, board), bestProbability: chances[index]! }));
}

const foldsOf = ({ folds }: Board, sweepId: string): number => folds[sweepId] ?? 1;

/** Whether a sweep of the board holds out one part after the other: a baseline was measured on one of them. */
const isSplit = ({ folds }: Board): boolean => Object.values(folds).some((each) => each > 1);

export function rowView(row: BoardRow & Standing, board: Board): LeaderboardRow {
  const { objective } = board;
  const { score, deviation, repeats } = row;
  const value = score * goalSign(objective);
  // A literal without spreads, which took ten times as long; a page has 50 rows.
  return {
    rank: row.rank,
    tied: row.tied,
    trialId: row.trialId,
    sweepId: row.sweepId,
    sweepName: row.sweepName,
    configuration: row.configuration,
    name: null,
    value: toMeasure(value),
    deviation,
    interval: confidenceInterval(value, deviation, repeats, foldsOf(board, row.sweepId)),
    bestProbability: null,
    difference: null,
    metric: objective.metric,
    parameters: row.parameters,
    seed: row.seed,
    repeats,
    metrics: row.metrics,
    state: row.state,
    updates: row.updates,
    seconds: row.seconds,
    engine: row.engine,
    precision: row.precision,
    lanes: row.lanes,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    tags: row.tags,
    hasNote: row.hasNote,
  };
}

/** A baseline as a row of the board; none if it lacks the board's metric. */
function baselineView({ name, metrics }: BaselineOnBoard, { place, objective }: Board): LeaderboardRow[] {
  const value = metrics[objective.metric];
  if (value === undefined) return [];
  const sweepId = 'sweepId' in place ? place.sweepId : null;
  return [
    {
      ...{ rank: null, tied: false, trialId: null, sweepId, sweepName: '', configuration: null, name, value },
      ...{
        deviation: null,
        interval: null,
        bestProbability: null,
        difference: null,
        metric: objective.metric,
        parameters: {},
        seed: null,
        repeats: 1,
        metrics,
      },
      ...{ state: 'baseline', updates: 0, seconds: null, engine: null, precision: null, lanes: null, finishedAt: null },
      ...{ tags: [], hasNote: false },
    },
  ];
}
