import type { Condition } from '@unroll/contracts';

/** Rows that are ranked with each other: of one sweep, or of all sweeps that measured the same for the same goal. */
export type BoardPlace = { sweepId: string } | { board: string; objective: string };

export interface BoardFilter {
  state?: string | undefined;
  cell?: string | undefined;
  /** On `value`, on figures of the best trial, and on parameters. The caller knows that the paths exist. */
  conditions: readonly Condition[];
}

/** Of the team's board so many rows, its best, are looked at for a filter or an order that has no index. */
export const mostLookedAt = 20_000;

/** Values of a statement, in the order of their `$n`. */
export class Values {
  readonly all: unknown[] = [];

  bind(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

const isOnValue = ({ path }: Condition): boolean => path === 'value';

/** Whether an index of configurations gives the rows that a filter leaves, in the order of their score. */
export function hasIndex(place: BoardPlace, { state, cell, conditions }: BoardFilter): boolean {
  if (!conditions.every(isOnValue) || (state !== undefined && cell !== undefined)) return false;
  return 'sweepId' in place || state === undefined;
}

/** `from ... where ...` for the rows of a place that the filter leaves. `bounded`: among its best alone, where the place has no bound of its own. */
export function rowsOf(
  place: BoardPlace,
  filter: BoardFilter,
  sign: number,
  values: Values,
  bounded = !hasIndex(place, filter),
): string {
  const own =
    'sweepId' in place
      ? `sweep_id = ${values.bind(place.sweepId)}`
      : `board = ${values.bind(place.board)} and objective = ${values.bind(place.objective)}`;
  const all = ['score is not null', own];
  const left = [
    ...(filter.state === undefined ? [] : [`state = ${values.bind(filter.state)}`]),
    ...(filter.cell === undefined ? [] : [`cell = ${values.bind(filter.cell)}`]),
    ...filter.conditions.flatMap((condition) => conditionSql(condition, sign, values)),
  ];
  if ('sweepId' in place || !bounded) return `from configurations where ${[...all, ...left].join(' and ')}`;
  const best = `select * from configurations where ${all.join(' and ')} order by score, sweep_id, configuration limit ${mostLookedAt}`;
  return `from (${best}) as configurations where ${['true', ...left].join(' and ')}`;
}

const figures: Readonly<Record<string, string>> = { updates: 'updates', seconds: 'seconds' };

function conditionSql(condition: Condition, sign: number, values: Values): string[] {
  if (isOnValue(condition)) return scoreSql(condition, sign, values);
  const { path } = condition;
  const json = `${isMetric(path) ? 'metrics' : 'parameters'} -> ${values.bind(path)}`;
  if ('equals' in condition) {
    const number = numberOf(condition.equals);
    const text = figures[path] ? undefined : `(${json}) #>> '{}' = ${values.bind(condition.equals)}`;
    const same =
      number === undefined
        ? undefined
        : `${figures[path] ?? `(${json})`} = ${figures[path] ? values.bind(number) : `to_jsonb(${values.bind(number)}::double precision)`}`;
    return [`(${[text, same].filter(Boolean).join(' or ') || 'false'})`];
  }
  const number = figures[path] ?? `case when jsonb_typeof(${json}) = 'number' then (${json})::double precision end`;
  return [
    ...(condition.low === null ? [] : [`${number} >= ${values.bind(condition.low)}`]),
    ...(condition.high === null ? [] : [`${number} <= ${values.bind(condition.high)}`]),
  ];
}

/** On the score itself, so that its index serves. */
function scoreSql(condition: Condition, sign: number, values: Values): string[] {
  if ('equals' in condition) return [`score = ${values.bind(sign * (numberOf(condition.equals) ?? NaN))}`];
  const { low, high } = condition;
  const [from, to] = sign > 0 ? [low, high] : [high, low];
  return [
    ...(from === null ? [] : [`score >= ${values.bind(from * sign)}`]),
    ...(to === null ? [] : [`score <= ${values.bind(to * sign)}`]),
  ];
}

/** Metrics are told from parameters by how they begin. */
export const isMetric = (path: string): boolean => /^(train|validation|test)\./.test(path);

function numberOf(text: string): number | undefined {
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
}
