import {
  isStudyTrial,
  type ChartTab,
  type Leaderboard,
  type ReportChart as Chart,
  type SweepView,
} from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, useMemo } from 'react';
import { boardPath, leaderboardQuery, sweepQuery, teamBoardPath, trialQuery } from '../../api/queries';
import type { Query } from '../../api/query-text';
import { OwnSearch, useSearch } from '../../charts/own-search';
import { DataTable } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { counted } from '../../format/number';
import { boardColumns, rowKey } from '../leaderboard/board-columns';
import { withBaselines } from '../leaderboard/board-rows';
import { aboutObjective } from '../leaderboard/LeaderboardCard';
import { boardQuery, isShown, readBoardState, sortBy, writeBoardState } from '../leaderboard/board-state';

const CurvesTab = lazy(() => import('../sweep/CurvesTab'));
const Parallel = lazy(async () => ({ default: (await import('../sweep/ParallelTab')).ParallelCard }));
const Importance = lazy(async () => ({ default: (await import('../sweep/ParametersTab')).ImportanceCard }));
const BestSoFar = lazy(async () => ({ default: (await import('../sweep/SearchTab')).HistoryCard }));
const ParetoFront = lazy(async () => ({ default: (await import('../sweep/FrontCard')).FrontCard }));
const TrialCurves = lazy(async () => ({ default: (await import('../trial/TrialCurves')).TrialCurves }));

/** A chart of a report. It is the one of its page, with the filters, the order and the scales of the address to begin with. */
export function ReportChart({ chart: { of, tab, search } }: { chart: Chart }) {
  return (
    <OwnSearch first={search}>
      {of.kind === 'sweep' ? (
        <OfSweep id={of.target} tab={tab} />
      ) : of.kind === 'trial' ? (
        <OfTrial id={of.target} />
      ) : (
        <FirstRows path={teamBoardPath} fixed={{ board: of.target, metric: of.metric }} />
      )}
    </OwnSearch>
  );
}

function OfSweep({ id, tab }: { id: string; tab: ChartTab }) {
  const query = useQuery(sweepQuery(id));
  return (
    <Loaded query={query} what="Loading the sweep">
      {(sweep) => <Drawn sweep={sweep} tab={tab} />}
    </Loaded>
  );
}

function Drawn({ sweep, tab }: { sweep: SweepView; tab: ChartTab }) {
  if (tab === 'curves') return <CurvesTab sweep={sweep} />;
  if (tab === 'parallel') return <Parallel sweepId={sweep.id} />;
  if (tab === 'parameters') return <Importance sweepId={sweep.id} />;
  if (tab === 'search') return sweep.spec.objectives ? <ParetoFront id={sweep.id} /> : <BestSoFar sweepId={sweep.id} />;
  return <FirstRows path={boardPath(sweep.id)} fixed={{}} />;
}

function OfTrial({ id }: { id: string }) {
  const query = useQuery(trialQuery(id));
  return (
    <Loaded query={query} what="Loading the trial">
      {(trial) => <TrialCurves id={id} state={trial.state} isStudy={isStudyTrial(trial)} />}
    </Loaded>
  );
}

/** Rows of a leaderboard that a report shows; its page has all. */
const rowsShown = 10;

/** The top of a leaderboard. */
function FirstRows({ path, fixed }: { path: string; fixed: Query }) {
  const [search] = useSearch();
  const query = useQuery(
    leaderboardQuery(path, { ...fixed, ...boardQuery(readBoardState(search)), cursor: undefined, limit: rowsShown }),
  );
  return (
    <Loaded query={query} what="Loading the leaderboard">
      {(board) => <Rows board={board} team={path === teamBoardPath} />}
    </Loaded>
  );
}

const nothingSelected = { has: () => false, toggle: () => undefined };

function Rows({ board, team }: { board: Leaderboard; team: boolean }) {
  const [search, setSearch] = useSearch();
  const state = readBoardState(search);
  const { items, objective, total } = board;
  const columns = useMemo(() => boardColumns({ board, selection: nothingSelected, team }), [board, team]);
  const rows = withBaselines(items, board, objective.goal, { ...state, cursor: undefined });
  return (
    <Card
      title="Leaderboard"
      about={`${total !== null && total > items.length ? `The first ${items.length} of ${counted(total, 'configuration')}, ` : ''}${aboutObjective(objective)}`}
      flush
    >
      {items.length === 0 ? (
        <Empty title="No results yet" />
      ) : (
        <DataTable
          caption="Leaderboard"
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          sorting={{
            by: state.sort,
            descending: board.descending,
            change: (by) => setSearch((now) => writeBoardState(now, sortBy(state, by))),
          }}
          visibility={{
            ...Object.fromEntries(columns.map((column) => [column.id, isShown(column, state)])),
            choose: false,
          }}
        />
      )}
    </Card>
  );
}
