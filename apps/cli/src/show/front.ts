import { csvRow, type Front } from '@unroll/contracts';
import { table } from './table';
import { colouredState, number, parameters, seconds } from './text';

/** Configurations by Pareto rank, with their value for each objective. */
export function frontTable({ objectives, items }: Front): string {
  if (items.length === 0) return 'No trial has a value for every objective yet.';
  const metrics = objectives.map(({ metric }) => metric);
  const body = items.map((row) => [
    String(row.front),
    row.trialId,
    ...metrics.map((metric) => number(row.values[metric])),
    parameters(row.parameters),
    colouredState(row.state),
    seconds(row.seconds),
  ]);
  const after = 2 + metrics.length;
  const head = ['front', 'trial', ...metrics, 'parameters', 'state', 'time'];
  return table(head, body, [0, ...metrics.map((_, index) => 2 + index), after + 2]);
}

/** The same as CSV (RFC 4180), with one column per parameter. */
export function frontCsv({ objectives, items }: Front): string {
  const metrics = objectives.map(({ metric }) => metric);
  const paths = [...new Set(items.flatMap((row) => Object.keys(row.parameters)))];
  const head = ['front', 'trial', ...metrics, 'repeats', 'state', 'updates', 'seconds', ...paths];
  const lines = items.map(({ front, trialId, values, repeats, state, updates, seconds: time, parameters: own }) => [
    ...[front, trialId, ...metrics.map((metric) => values[metric]), repeats, state, updates, time],
    ...paths.map((path) => own[path]),
  ]);
  return [head, ...lines].map(csvRow).join('\n');
}
