import type { Condition } from '@unroll/contracts';

/** By path of a parameter, then by sweep: the values that all of a sweep's configurations have. */
export type FixedValues = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Rows that are ranked together: of one sweep, or of all sweeps that measured the same with the same objective. */
export type BoardPlace = { sweepId: string } | { comparisonKey: string; objective: string };

export interface BoardFilter {
  /** Of the paths in the conditions and the order. Default: none. */
  fixed?: FixedValues;
  /** Paths in the conditions that are names of metrics, which a study told, although they do not look like one. Default: none. */
  told?: readonly string[];
  state?: string | undefined;
  cell?: string | undefined;
  /** On `value`, on metrics of the best trial, on the cell and on parameters. The caller has checked that the paths exist. */
  conditions: readonly Condition[];
}

/** Rows of the team leaderboard, from the best, that are searched for a filter or an order that has no index. */
export const mostLookedAt = 20_000;

/** The parameters of a statement, in the order of their `$n`. */
export class Values {
  readonly all: unknown[] = [];

  bind(value: unknown): string {
    this.all.push(value);
    return `$${this.all.length}`;
  }
}

const isOnValue = ({ path }: Condition): boolean => path === 'value';

/** Whether an index of configurations returns the rows that match a filter, in the order of their score. */
export function hasIndex(place: BoardPlace, { state, cell, conditions }: BoardFilter): boolean {
  if (!conditions.every(isOnValue) || (state !== undefined && cell !== undefined)) return false;
  return 'sweepId' in place || state === undefined;
}

/**
 * `from ... where ...` for the rows of a place that match the filter. `bounded`: only among its best rows, if the place has no bound of
 * its own.
 */
export function rowsSql(
  place: BoardPlace,
  filter: BoardFilter,
  sign: number,
  values: Values,
  bounded = !hasIndex(place, filter),
): string {
  const own =
    'sweepId' in place
      ? `sweep_id = ${values.bind(place.sweepId)}`
      : `comparison_key = ${values.bind(place.comparisonKey)} and objective = ${values.bind(place.objective)}`;
  const all = ['score is not null', own];
  const left = [
    ...(filter.state === undefined ? [] : [`state = ${values.bind(filter.state)}`]),
    ...(filter.cell === undefined ? [] : [`cell = ${values.bind(filter.cell)}`]),
    ...filter.conditions.flatMap((condition) => conditionSql(condition, filter, sign, values)),
  ];
  if ('sweepId' in place || !bounded) return `from configurations where ${[...all, ...left].join(' and ')}`;
  const best = `select * from configurations where ${all.join(' and ')} order by score, sweep_id, configuration limit ${mostLookedAt}`;
  return `from (${best}) as configurations where ${['true', ...left].join(' and ')}`;
}

/** Figures of a row other than its value, which are columns. A study may name a parameter like a member of every object. */
const figures: ReadonlySet<string> = new Set(['updates', 'seconds']);

type Known = Pick<BoardFilter, 'fixed' | 'told'>;

function conditionSql(condition: Condition, known: Known, sign: number, values: Values): string[] {
  if (!('low' in condition)) return [equalSql(condition.path, wantedBy(condition), known, sign, values)];
  if (isOnValue(condition)) return scoreRangeSql(condition, sign, values);
  const { path, low, high } = condition;
  const number = figures.has(path) ? path : numberSql(path, known, values);
  return [
    ...(low === null ? [] : [`${number} >= ${values.bind(low)}::double precision`]),
    ...(high === null ? [] : [`${number} <= ${values.bind(high)}::double precision`]),
  ];
}

/** The number at a path; null for anything else. */
function numberSql(path: string, known: Known, values: Values): string {
  const json = jsonSql(path, known, values);
  return `case when jsonb_typeof(${json}) = 'number' then (${json})::double precision end`;
}

const wantedBy = (condition: { equals: string } | { anyOf: readonly string[] }): readonly string[] =>
  'equals' in condition ? [condition.equals] : condition.anyOf;

const jsonSql = (path: string, { fixed = {}, told = [] }: Known, values: Values): string =>
  isMetric(path) || told.includes(path) ? `metrics -> ${values.bind(path)}` : parameterSql(path, fixed, values);

/** A parameter as JSON: the configuration's own, or what its sweep fixed. */
export function parameterSql(path: string, fixed: FixedValues, values: Values): string {
  const own = `parameters -> ${values.bind(path)}`;
  const bySweep = fixed[path];
  return bySweep ? `coalesce(${own}, ${values.bind(JSON.stringify(bySweep))}::jsonb -> sweep_id)` : own;
}

/** The value at a path is one of these texts, or one of the numbers, lists and objects that they denote. */
function equalSql(path: string, wanted: readonly string[], known: Known, sign: number, values: Values): string {
  if (path === 'model.cell') return equalsAnySql('cell', wanted, 'text', values);
  const numbers = wanted.flatMap((text) => parseNumber(text) ?? []);
  const scores = numbers.map((number) => sign * number);
  if (path === 'value') return equalsAnySql('score', scores, 'double precision', values);
  if (figures.has(path)) return equalsAnySql(path, numbers, 'double precision', values);
  const json = `(${jsonSql(path, known, values)})`;
  const other = wanted.flatMap((text) => parseStructure(text) ?? []);
  const written = [...numbers.map((number) => JSON.stringify(number)), ...other];
  const text = equalsAnySql(`${json} #>> '{}'`, wanted, 'text', values);
  return written.length === 0 ? text : `(${text} or ${equalsAnySql(json, written, 'jsonb', values)})`;
}

/** A single value is compared by `=`: an index then also provides the order that follows. */
function equalsAnySql(column: string, wanted: readonly (string | number)[], type: string, values: Values): string {
  if (wanted.length === 0) return 'false';
  if (wanted.length === 1) return `${column} = ${values.bind(wanted[0])}::${type}`;
  return `${column} = any(${values.bind(wanted)}::${type}[])`;
}

/** On the score itself, so that its index can be used. */
function scoreRangeSql(
  { low, high }: { low: number | null; high: number | null },
  sign: number,
  values: Values,
): string[] {
  const [from, to] = sign > 0 ? [low, high] : [high, low];
  return [
    ...(from === null ? [] : [`score >= ${values.bind(from * sign)}`]),
    ...(to === null ? [] : [`score <= ${values.bind(to * sign)}`]),
  ];
}

/** Metrics and parameters differ in their prefix. */
export const isMetric = (path: string): boolean => /^(train|validation|test)\./.test(path);

function parseNumber(text: string): number | undefined {
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

/** A list, an object or null as JSON that PostgreSQL parses: its own text has different whitespace. */
function parseStructure(text: string): string | undefined {
  if (!/^([[{]|null$)/.test(text)) return undefined;
  try {
    const json = JSON.stringify(JSON.parse(text));
    return /\\u(0000|d[89a-f])/.test(json) ? undefined : json;
  } catch {
    return undefined;
  }
}
