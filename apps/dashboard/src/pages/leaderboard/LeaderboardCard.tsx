import type { Leaderboard, LeaderboardRow } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Query } from '../../api/client';
import { leaderboardQuery, teamBoardPath } from '../../api/queries';
import { Button, ButtonLink } from '../../design/Button';
import { DataTable } from '../../design/DataTable';
import { Icon } from '../../design/Icon';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Card } from '../../design/Page';
import { counted } from '../../format/number';
import { boardQueryOf, readBoardState, sortBy, writeBoardState, type BoardState } from './board-state';
import { Columns } from './Columns';
import { boardColumns, rowKey } from './board-columns';
import { Exports } from './Exports';
import { Filters } from './Filters';

/** Trials that can be compared at once. */
const mostCompared = 10;

interface LeaderboardCardProps {
  /** The list, of a sweep or of the team. */
  path: string;
  /** Where it is exported from. */
  exportPath: string;
  exportName: string;
  /** What is asked for beside what the address says. */
  fixed?: Query;
  /** What stands where there is no row yet. */
  nothingYet: string;
}

/** A leaderboard: filtered, sorted and paged by the API as the address says. */
export function LeaderboardCard({ path, exportPath, exportName, fixed, nothingYet }: LeaderboardCardProps) {
  const [search, setSearch] = useSearchParams();
  const state = readBoardState(search);
  const change = (part: Partial<BoardState>): void => setSearch((now) => writeBoardState(now, part), { replace: true });
  const asked = boardQueryOf(state);
  const query = useQuery(leaderboardQuery(path, { ...fixed, ...asked }));
  const { limit: _, cursor: __, ...filters } = asked;
  return (
    <Loaded query={query} what="Loading the leaderboard">
      {(board) => (
        <Card
          title="Leaderboard"
          about={aboutBoard(board)}
          flush
          actions={<Exports path={exportPath} name={exportName} query={{ ...fixed, ...filters }} />}
        >
          {query.error && <Problem error={query.error} />}
          <Board board={board} state={state} change={change} team={path === teamBoardPath} nothingYet={nothingYet} />
        </Card>
      )}
    </Loaded>
  );
}

function aboutBoard({ objective, total }: Leaderboard): string {
  const better = objective.goal === 'minimize' ? 'less is better' : 'more is better';
  return `${total === null ? '' : `${counted(total, 'configuration')}, `}${objective.metric}, ${better}`;
}

interface BoardProps {
  board: Leaderboard;
  state: BoardState;
  change: (part: Partial<BoardState>) => void;
  team: boolean;
  nothingYet: string;
}

function Board({ board, state, change, team, nothingYet }: BoardProps) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (id: string): void =>
    setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-mostCompared)));
  const { items, baselines, objective, sorts, nextCursor, previousCursor } = board;
  const rows = useMemo(
    () => withBaselines(items, baselines, objective.goal, state),
    [items, baselines, objective, state],
  );
  const columns = useMemo(
    () =>
      boardColumns({
        metric: objective.metric,
        rows: items,
        choice: { has: (id) => chosen.includes(id), toggle },
        team,
        sorts,
      }),
    [objective, items, chosen, team, sorts],
  );
  const filtered = state.where.length > 0 || state.state !== undefined;
  const paths = sorts.filter((sort) => sort.startsWith('parameter:')).map((sort) => sort.slice('parameter:'.length));
  const first = objective.goal === 'maximize' ? state.order !== 'asc' : state.order === 'desc';
  return (
    <>
      <Filters state={state} paths={paths} sorts={sorts} change={change} />
      {items.length === 0 && (
        <Empty title={filtered ? 'No trial meets the filter' : 'No result yet'}>
          <p>{filtered ? 'Widen a range or remove a filter.' : nothingYet}</p>
        </Empty>
      )}
      {items.length > 0 && (
        <DataTable
          caption="Leaderboard"
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          sorting={{
            by: state.sort,
            descending: state.sort === 'value' ? first : state.order === 'desc',
            change: (by) => change(sortBy(state, by)),
          }}
          visibility={Object.fromEntries(state.hidden.map((id) => [id, false]))}
          isChosen={({ trialId }) => trialId !== null && chosen.includes(trialId)}
        />
      )}
      <footer className="card-foot">
        <div className="row">
          <Button disabled={previousCursor === null} onClick={() => change({ cursor: previousCursor ?? undefined })}>
            <Icon name="left" />
            Previous
          </Button>
          <Button disabled={nextCursor === null} onClick={() => change({ cursor: nextCursor ?? undefined })}>
            Next
            <Icon name="right" />
          </Button>
        </div>
        <div className="row">
          {chosen.length > 0 && (
            <Button kind="plain" onClick={() => setChosen([])}>
              Choose none
            </Button>
          )}
          {chosen.length >= 2 ? (
            <ButtonLink
              kind="primary"
              to={`/compare?${new URLSearchParams(chosen.map((id) => ['trial', id])).toString()}`}
            >
              Compare {chosen.length} trials
            </ButtonLink>
          ) : (
            <span className="muted small">Choose two to {mostCompared} rows to compare them.</span>
          )}
          <Columns columns={columns} hidden={state.hidden} change={(hidden) => change({ hidden })} />
        </div>
      </footer>
    </>
  );
}

/** Baselines stand where they rank, as long as the table shows ranks in order from the top. */
function withBaselines(
  items: readonly LeaderboardRow[],
  baselines: readonly LeaderboardRow[],
  goal: 'minimize' | 'maximize',
  { sort, order, where, state, cursor }: BoardState,
): readonly LeaderboardRow[] {
  const ranked =
    sort === 'value' && (order === undefined || order === 'best') && where.length === 0 && !state && !cursor;
  if (!ranked || items.length === 0) return items;
  const sign = goal === 'minimize' ? 1 : -1;
  return [...items, ...baselines].sort((a, b) => sign * (a.value - b.value));
}
