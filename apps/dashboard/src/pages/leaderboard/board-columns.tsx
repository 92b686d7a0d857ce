import type { Leaderboard, LeaderboardRow } from '@unroll/contracts';
import { Link } from 'react-router';
import { isByLink } from '../../api/key';
import type { Column } from '../../design/DataTable';
import { Icon } from '../../design/Icon';
import { State } from '../../design/State';
import { alike, count, none, number, percent } from '../../format/number';
import { parameterText, shortPath } from '../../format/parameters';
import { ago, at, duration } from '../../format/time';
import { Tags } from '../details/Tags';
import type { Selection } from './use-selection';

/** The key of a row; baselines have no trial, and the pinned one is there twice. */
export const rowKey = ({ trialId, sweepId, name, rank }: LeaderboardRow): string =>
  trialId === null ? `${sweepId}:${name}` : rank === null ? `pinned:${trialId}` : trialId;

interface Wanted {
  board: Pick<Leaderboard, 'objective' | 'items' | 'settings' | 'sorts'>;
  selection: Pick<Selection, 'has' | 'toggle'>;
  /** Whether rows are from several sweeps. */
  team: boolean;
}

/** The columns of a leaderboard: each metric, each searched parameter, and what the sweeps fixed. */
export function boardColumns({ board, selection, team }: Wanted): Column<LeaderboardRow>[] {
  const { objective, items: rows, sorts } = board;
  const sortable = (sort: string): { sort?: string } => (sorts.includes(sort) ? { sort } : {});
  return [
    // Columns are found by their place: it stays where nothing can be compared.
    {
      id: 'choose',
      header: 'Select to compare',
      hiddenHeader: true,
      cell: ({ trialId }) =>
        trialId === null || isByLink() ? null : (
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
    { ...valueColumn(board), ...sortable('value') },
    ...differenceColumns(rows, objective.goal),
    ...chanceColumns(rows),
    ...metricColumns(board),
    ...parameterColumns(board),
    { id: 'state', header: 'State', cell: ({ state }) => <State state={state} brief /> },
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
      optional: true,
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
      optional: true,
      ...sortable('finishedAt'),
      cell: ({ finishedAt }) => <time title={at(finishedAt)}>{ago(finishedAt)}</time>,
    },
  ];
}

/** The objective, by which the board ranks. */
function valueColumn({ objective, items }: Wanted['board']): Column<LeaderboardRow> {
  const shown = alike(items.map(({ value }) => value));
  return { id: 'value', header: objective.metric, numeric: true, cell: (row) => <Value row={row} shown={shown} /> };
}

/** Every metric but the objective, the test score first: the mean over the seeds. */
function metricColumns({ objective, items, sorts }: Wanted['board']): Column<LeaderboardRow>[] {
  const test = objective.metric.replace(/^validation\./, 'test.');
  return sorts
    .filter((sort) => sort.startsWith('metric:') && sort !== `metric:${objective.metric}`)
    .map((sort) => sort.slice('metric:'.length))
    .sort((a, b) => Number(b === test) - Number(a === test))
    .map((name) => ({ name, shown: alike(items.map(({ metrics }) => metrics[name])) }))
    .map(({ name, shown }) => ({
      id: `metric:${name}`,
      header: name,
      numeric: true,
      sort: `metric:${name}`,
      optional: name !== test,
      cell: ({ metrics }) => shown(metrics[name]),
    }));
}

/** A parameter of a row: its own, or what its sweep fixed. */
const parameterOf = (settings: Leaderboard['settings'], row: LeaderboardRow, path: string): unknown =>
  path in row.parameters ? row.parameters[path] : settings[row.sweepId ?? '']?.[path];

/** The searched parameters, with the settings in which the sweeps shown differ; all other settings are optional. */
function parameterColumns({ items, settings, sorts }: Wanted['board']): Column<LeaderboardRow>[] {
  const rows = items.filter(({ trialId }) => trialId !== null);
  const searched = [
    ...rows.flatMap(({ parameters }) => Object.keys(parameters)),
    ...sorts.flatMap((sort) => (sort.startsWith('parameter:') ? [sort.slice('parameter:'.length)] : [])),
  ];
  const fixed = Object.values(settings).flatMap(Object.keys);
  const differs = (path: string): boolean =>
    new Set(rows.map((row) => parameterText(parameterOf(settings, row, path)))).size > 1;
  return [...new Set([...searched, ...fixed])].map((path): Column<LeaderboardRow> => {
    const values = rows.map((row) => parameterOf(settings, row, path));
    const shown = alike(values);
    const text = (value: unknown): string => (typeof value === 'number' ? shown(value) : parameterText(value));
    return {
      id: `parameter:${path}`,
      header: shortPath(path),
      numeric: values.every((value) => ['number', 'undefined'].includes(typeof value)),
      sort: `parameter:${path}`,
      optional: !searched.includes(path) && !differs(path),
      cell: (row) => {
        const value = parameterOf(settings, row, path);
        if (value === undefined) return <span className="muted">{none}</span>;
        const isFixed = !(path in row.parameters);
        return isFixed ? (
          <span className="muted" title="Fixed in this sweep">
            {text(value)}
          </span>
        ) : (
          text(value)
        );
      },
    };
  });
}

function Rank({ rank, tied, trialId }: LeaderboardRow) {
  if (rank === null && trialId !== null)
    return (
      <span title="The baseline of this board">
        <Icon name="pin" />
        <span className="hidden">pinned</span>
      </span>
    );
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
        <Link to={`/sweeps/${row.sweepId}`} className="small muted nowrap ellipsis" title={row.sweepName ?? undefined}>
          {row.sweepName}
        </Link>
      )}
      {(row.hasNote || row.tags.length > 0) && (
        <span className="row tight">
          {row.hasNote && (
            <span title="The configuration has a note: open the trial to read it">
              <Icon name="report" />
              <span className="hidden">has a note</span>
            </span>
          )}
          <Tags tags={row.tags} />
        </span>
      )}
    </span>
  );
}

/** How much each row differs from the pinned baseline, where there is one. */
const differenceColumns = (rows: readonly LeaderboardRow[], goal: 'minimize' | 'maximize'): Column<LeaderboardRow>[] =>
  rows.some(({ difference }) => difference !== null)
    ? [
        {
          id: 'difference',
          header: 'To the baseline',
          numeric: true,
          cell: ({ difference }) => <Difference of={difference} goal={goal} />,
        },
      ]
    : [];

function Difference({ of, goal }: { of: number | null; goal: 'minimize' | 'maximize' }) {
  if (of === null) return <span className="muted">{none}</span>;
  if (of === 0) return <span className="muted">0</span>;
  const better = (goal === 'minimize') === of < 0;
  return (
    <span
      className={better ? 'better' : 'worse'}
      title={better ? 'better than the baseline' : 'worse than the baseline'}
    >
      {of > 0 && '+'}
      {number(of)}
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
function Value({ row, shown }: { row: LeaderboardRow; shown: ReturnType<typeof alike> }) {
  const { value, deviation, interval, repeats } = row;
  const spread =
    interval &&
    `95 % confidence interval of the mean over ${repeats} repeats: ${number(interval[0])} to ${number(interval[1])}`;
  return (
    <span title={spread ?? undefined}>
      <strong>{shown(value)}</strong>
      {deviation !== null && (
        <span className="muted">
          {' '}
          ± {number(deviation, 2)} <small>({repeats})</small>
        </span>
      )}
      {spread && <span className="hidden">, {spread}</span>}
    </span>
  );
}
