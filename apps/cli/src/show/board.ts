import type { Leaderboard, LeaderboardRow } from '@unroll/contracts';
import colors from 'picocolors';
import { table } from './table';
import { colouredState, number, parameters, seconds } from './text';

/** Rows and baselines in one order, best first. */
function merged({ objective, items, baselines }: Leaderboard): LeaderboardRow[] {
  const sign = objective.goal === 'minimize' ? 1 : -1;
  return [...items, ...baselines].sort((a, b) => (a.value - b.value) * sign);
}

/** The board as a table; baselines stand where they belong, without a rank. */
export function boardTable(board: Leaderboard): string {
  const rows = merged(board);
  if (rows.length === 0) return 'No trial has reported yet.';
  const metric = rows[0]!.metric;
  const repeated = rows.some(({ repeats }) => repeats > 1);
  const head = ['#', 'trial', metric, ...(repeated ? ['±', 'n'] : []), 'parameters', 'state', 'updates', 'time'];
  const body = rows.map((row) => {
    const spread = repeated ? [row.deviation === null ? '' : number(row.deviation), String(row.repeats)] : [];
    if (row.rank === null)
      return [
        '',
        '',
        number(row.value),
        ...spread.map(() => ''),
        colors.dim(row.name ?? ''),
        colors.dim('baseline'),
        '',
        '',
      ];
    const cells = [String(row.rank), row.trialId ?? '', number(row.value), ...spread, parameters(row.parameters)];
    return [...cells, colouredState(row.state), String(row.updates), seconds(row.seconds)];
  });
  return table(head, body, repeated ? [0, 2, 3, 4, 7, 8] : [0, 2, 5, 6]);
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The board as CSV (RFC 4180), a column for each parameter. */
export function boardCsv(board: Leaderboard): string {
  const rows = merged(board);
  const paths = [...new Set(rows.flatMap((row) => Object.keys(row.parameters)))];
  const head = [
    'rank',
    'trial',
    'name',
    'metric',
    'value',
    'deviation',
    'repeats',
    'state',
    'updates',
    'seconds',
    'engine',
    ...paths,
  ];
  const lines = rows.map((row) => [
    ...[
      row.rank,
      row.trialId,
      row.name,
      row.metric,
      row.value,
      row.deviation,
      row.repeats,
      row.state,
      row.updates,
      row.seconds,
      row.engine,
    ],
    ...paths.map((path) => row.parameters[path]),
  ]);
  const cell = (value: unknown): string =>
    value === null || value === undefined ? '' : quoted(typeof value === 'string' ? value : JSON.stringify(value));
  return [head, ...lines].map((line) => line.map(cell).join(',')).join('\n');
}
