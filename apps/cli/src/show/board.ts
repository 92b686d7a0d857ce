import { goalSign, type Leaderboard, type LeaderboardRow } from '@unroll/contracts';
import colors from 'picocolors';
import { table } from './table';
import { colouredState, number, parameters, seconds } from './text';

/** Rows and baselines merged, best first, after the pinned baseline; with another sort order, baselines come last. */
function merged({ objective, items, baselines, pinned }: Leaderboard, byValue = true): LeaderboardRow[] {
  const first = pinned ? [pinned] : [];
  if (!byValue) return [...first, ...items, ...baselines];
  const sign = goalSign(objective);
  return [...first, ...[...items, ...baselines].sort((a, b) => (Number(a.value) - Number(b.value)) * sign || 0)];
}

/** A probability in words that claim no more than is known. */
function percent(probability: number | null): string {
  if (probability === null) return '';
  if (probability < 0.01) return '< 1 %';
  if (probability > 0.99) return '> 99 %';
  return `${Math.round(100 * probability)} %`;
}

/** How much a value differs from the pinned baseline's. */
const signed = (difference: number | null): string =>
  difference === null ? '' : `${difference > 0 ? '+' : ''}${number(difference)}`;

type Column = [head: string, cell: (row: LeaderboardRow) => string, alignRight?: boolean];

/** The columns of the table, without those that would be empty in every row. */
function columns(rows: readonly LeaderboardRow[]): Column[] {
  const unlessBaseline = (cell: (row: LeaderboardRow) => string) => (row: LeaderboardRow) =>
    row.trialId === null ? '' : cell(row);
  const repeated: Column[] = [
    ['±', unlessBaseline(({ deviation }) => (deviation === null ? '' : number(deviation))), true],
    ['n', unlessBaseline(({ repeats }) => String(repeats)), true],
    ...(rows.some(({ bestProbability }) => bestProbability !== null)
      ? ([['P(best)', unlessBaseline((row) => percent(row.bestProbability)), true]] satisfies Column[])
      : []),
    ['95 %', unlessBaseline(({ interval }) => (interval ? interval.map(number).join(' to ') : ''))],
  ];
  const test = rows[0]!.metric.replace(/^(?:validation\.)?/, 'test.');
  const sweeps = new Set(rows.flatMap(({ sweepId, trialId }) => (trialId === null ? [] : sweepId)));
  return [
    ['#', ({ rank, tied, trialId }) => (rank !== null ? `${rank}${tied ? '=' : ''}` : trialId ? 'pinned' : ''), true],
    ['trial', ({ trialId }) => trialId ?? ''],
    ...(sweeps.size > 1 ? ([['sweep', unlessBaseline(({ sweepName }) => sweepName)]] satisfies Column[]) : []),
    [rows[0]!.metric, ({ value }) => number(value), true],
    ...(rows.some(({ difference }) => difference !== null)
      ? ([['difference', unlessBaseline(({ difference }) => signed(difference)), true]] satisfies Column[])
      : []),
    ...(rows.some(({ repeats }) => repeats > 1) ? repeated : []),
    ...(rows.some(({ metrics }) => metrics[test] !== undefined)
      ? ([[test, ({ metrics }) => number(metrics[test]), true]] satisfies Column[])
      : []),
    ...(rows.some(({ tags, hasNote }) => hasNote || tags.length > 0)
      ? ([['tags', ({ tags, hasNote }) => [...tags, ...(hasNote ? ['(note)'] : [])].join(', ')]] satisfies Column[])
      : []),
    ['parameters', (row) => (row.trialId === null ? colors.dim(row.name ?? '') : parameters(row.parameters))],
    ['state', ({ trialId, state }) => (trialId === null ? colors.dim(state) : colouredState(state))],
    ['updates', unlessBaseline(({ updates }) => String(updates)), true],
    ['time', unlessBaseline((row) => seconds(row.seconds)), true],
    ...(rows.some(({ precision }) => (precision ?? 'float32') !== 'float32')
      ? ([['precision', unlessBaseline(({ precision }) => precision ?? 'float32')]] satisfies Column[])
      : []),
  ];
}

/** A leaderboard as a table. Baselines appear in order of value, without a rank; rows of equal value share a rank, marked `=`. */
export function boardTable(board: Leaderboard, byValue = true): string {
  const rows = merged(board, byValue);
  if (rows.length === 0) return 'No trial has reported yet.';
  const shown = columns(rows);
  const body = rows.map((row) => shown.map(([, cell]) => cell(row)));
  const right = shown.flatMap(([, , alignRight], index) => (alignRight ? [index] : []));
  return table(
    shown.map(([head]) => head),
    body,
    right,
  );
}
