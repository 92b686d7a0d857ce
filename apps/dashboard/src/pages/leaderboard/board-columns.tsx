import type { LeaderboardRow } from '@unroll/contracts';
import { Link } from 'react-router';
import type { Column } from '../../design/DataTable';
import { State } from '../../design/State';
import { count, none, number, percent } from '../../format/number';
import { parameterText, shortPath } from '../../format/parameters';
import { at, duration } from '../../format/time';
import type { Selection } from './use-selection';

/** The key of a row; baselines have no trial. */
export const rowKey = ({ trialId, sweepId, name }: LeaderboardRow): string => trialId ?? `${sweepId}:${name}`;

interface Wanted {
  metric: string;
  rows: readonly LeaderboardRow[];
  selection: Pick<Selection, 'has' | 'toggle'>;
  /** Whether rows are from several sweeps. */
  team: boolean;
  sorts: readonly string[];
}

/** The columns of a leaderboard, including one for each searched parameter. */
export function boardColumns({ metric, rows, selection, team, sorts }: Wanted): Column<LeaderboardRow>[] {
  const paths = [...new Set(rows.flatMap(({ parameters }) => Object.keys(parameters)))];
  const sortable = (sort: string): { sort?: string } => (sorts.includes(sort) ? { sort } : {});
  return [
    {
      id: 'choose',
      header: 'Select to compare',
      hiddenHeader: true,
      cell: ({ trialId }) =>
        trialId === null ? null : (
          <input
            type="checkbox"
            aria-label={`Compare trial ${trialId}`}
            checked={selection.has(trialId)}
            onChange={() => selection.toggle(trialId)}
          />
        ),
    },
    { id: 'rank', header: '#', numeric: true, cell: Rank },
    { id: 'trial', header: 'Trial', cell: (row) => <Trial row={row} team={team} /> },
    { id: 'value', header: metric, numeric: true, ...sortable('value'), cell: (row) => <Value row={row} /> },
    ...chanceColumns(rows),
    ...paths.map((path): Column<LeaderboardRow> => {
      const numeric = rows.every(({ parameters }) => ['number', 'undefined'].includes(typeof parameters[path]));
      return {
        id: `parameter:${path}`,
        header: shortPath(path),
        numeric,
        ...sortable(`parameter:${path}`),
        cell: ({ parameters }) =>
          path in parameters ? parameterText(parameters[path]) : <span className="muted">{none}</span>,
      };
    }),
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
    {
      id: 'updates',
      header: 'Updates',
      numeric: true,
      ...sortable('updates'),
      cell: ({ updates, trialId }) => (trialId ? count(updates) : none),
    },
    { id: 'seconds', header: 'Time', numeric: true, ...sortable('seconds'), cell: ({ seconds }) => duration(seconds) },
    {
      id: 'engine',
      header: 'Engine',
      cell: ({ engine, lanes, precision }) => (
        <span className="nowrap">
          {engine
            ? `${engine} × ${lanes}${precision === null || precision === 'float32' ? '' : `, ${precision}`}`
            : none}
        </span>
      ),
    },
    {
      id: 'finishedAt',
      header: 'Finished',
      numeric: true,
      ...sortable('finishedAt'),
      cell: ({ finishedAt }) => at(finishedAt),
    },
  ];
}

function Rank({ rank, tied }: LeaderboardRow) {
  if (rank === null) return <span className="muted">{none}</span>;
  return tied ? <span title="Tied: another configuration has the same value">{rank}=</span> : rank;
}

function Trial({ row, team }: { row: LeaderboardRow; team: boolean }) {
  if (row.trialId === null) return <span className="muted">{row.name}</span>;
  return (
    <span className="named">
      <Link to={`/trials/${row.trialId}`} className="mono">
        {row.trialId}
      </Link>
      {team && (
        <Link to={`/sweeps/${row.sweepId}`} className="small muted nowrap">
          {row.sweepName}
        </Link>
      )}
    </span>
  );
}

/** The column of probabilities, where they are known. */
const chanceColumns = (rows: readonly LeaderboardRow[]): Column<LeaderboardRow>[] =>
  rows.some(({ bestProbability }) => bestProbability !== null)
    ? [
        {
          id: 'best',
          header: 'Is the best',
          numeric: true,
          cell: ({ bestProbability }) => <Chance chance={bestProbability} />,
        },
      ]
    : [];

/** The probability that a row is the best of those shown, from the spread of the seeds. */
function Chance({ chance }: { chance: number | null }) {
  return <span title="Probability that its mean over all seeds is the best of the rows shown">{percent(chance)}</span>;
}

/** A value with the spread over its seeds. */
function Value({ row: { value, deviation, interval, repeats } }: { row: LeaderboardRow }) {
  const spread =
    interval &&
    `95 % confidence interval of the mean over ${repeats} seeds: ${number(interval[0])} to ${number(interval[1])}`;
  return (
    <span title={spread ?? undefined}>
      <strong>{number(value)}</strong>
      {deviation !== null && <span className="muted"> ± {number(deviation, 2)}</span>}
      {spread && <span className="hidden">, {spread}</span>}
    </span>
  );
}
