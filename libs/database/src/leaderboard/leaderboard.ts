import type { Condition } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { parameterSql, rowsSql, Values, type BoardFilter, type BoardPlace, type FixedValues } from './board-filter';
import { ranked, type RankedPosition, type Standing } from './board-ranks';

export interface BoardRow {
  sweepId: string;
  sweepName: string;
  configuration: number;
  score: number;
  deviation: number | null;
  repeats: number;
  trialId: string;
  parameters: Record<string, unknown>;
  seed: number;
  metrics: Record<string, number>;
  state: string;
  updates: number;
  seconds: number | null;
  engine: string | null;
  precision: string | null;
  lanes: number | null;
  finishedAt: Date | null;
  /** Of the configuration. */
  tags: string[];
  hasNote: boolean;
}

export interface BoardRequest {
  place: BoardPlace;
  /** 1 if lower is better, else −1: a score is the value times this. */
  sign: number;
  filter: BoardFilter;
  limit: number;
}

/** The direction of a page from a position. */
export type Direction = 'next' | 'previous';

export interface BoardPage<Row extends Standing> {
  rows: Row[];
  hasNext: boolean;
  hasPrevious: boolean;
}

/** What is read of the rows of `page`, and what they are joined with. */
export const boardColumns = `page.sweep_id as "sweepId", sweeps.name as "sweepName", page.configuration, page.score, page.deviation, page.repeats,
  page.best_trial as "trialId", page.parameters, trials.seed::double precision as seed, page.metrics, page.state, page.updates,
  page.seconds, trials.engine, trials.spec #>> '{training,precision}' as precision, trials.lanes, page.finished_at as "finishedAt",
  coalesce(words.tags, '{}') as tags, coalesce(words.note, '') <> '' as "hasNote"`;
export const boardJoins = `join sweeps on sweeps.id = page.sweep_id join trials on trials.id = page.best_trial
  left join configuration_details words on words.sweep_id = page.sweep_id and words.configuration = page.configuration`;

/**
 * A page of a leaderboard, best first. The cursor carries the score of its row, its rank and its place: at any depth, a page reads
 * no more than its own rows, from configurations_by_score, _by_cell, _by_state, _by_comparison_key or _by_comparison_key_and_cell. Other
 * filters are applied while the same indexes are read.
 */
export async function rankedPage(
  dataSource: DataSource,
  { place, sign, filter, limit }: BoardRequest,
  from?: { position: RankedPosition; direction: Direction },
): Promise<BoardPage<BoardRow & Standing & { place: number }>> {
  const values = new Values();
  const order = 'sweepId' in place ? ['score', 'configuration'] : ['score', 'sweep_id', 'configuration'];
  const [way, than] = from?.direction === 'previous' ? ['desc', '<'] : ['asc', '>'];
  const left = from
    ? { ...filter, conditions: filter.conditions.map((each) => withoutBound(each, sign, from)) }
    : filter;
  const rows = rowsSql(place, left, sign, values);
  const behind = from ? `and ${beyond(order, than, from.position, values)}` : '';
  const sorted = (table: string): string => order.map((column) => `${table}${column} ${way}`).join(', ');
  const found = await dataSource.query<BoardRow[]>(
    `with page as (select * ${rows} ${behind} order by ${sorted('')} limit ${limit + 1})
     select ${boardColumns} from page ${boardJoins} order by ${sorted('page.')}`,
    values.all,
  );
  return ranked(found, limit, from, (row) => equalBefore(dataSource, { place, sign, filter, limit }, row));
}

/** A range of values without the end that the cursor is beyond: the index would otherwise be read from there instead of from the cursor. */
function withoutBound(
  condition: Condition,
  sign: number,
  { position, direction }: { position: RankedPosition; direction: Direction },
): Condition {
  if (condition.path !== 'value' || !('low' in condition)) return condition;
  const end = (direction === 'next') === sign > 0 ? 'low' : 'high';
  const bound = condition[end];
  if (bound === null) return condition;
  const isBeyond = direction === 'next' ? position.score >= bound * sign : position.score <= bound * sign;
  return isBeyond ? { ...condition, [end]: null } : condition;
}

/** A row comparison over these columns: one range of their index. */
function beyond(
  order: readonly string[],
  than: string,
  position: Pick<RankedPosition, 'score' | 'sweepId' | 'configuration'>,
  values: Values,
): string {
  const { score, sweepId, configuration } = position;
  const at: Record<string, unknown> = { score, sweep_id: sweepId, configuration };
  return `(${order.join(', ')}) ${than} (${order.map((column) => values.bind(at[column])).join(', ')})`;
}

/** The number of rows before this one with the same score. */
async function equalBefore(dataSource: DataSource, request: BoardRequest, row: BoardRow): Promise<number> {
  const values = new Values();
  const { place, sign, filter } = request;
  const rows = rowsSql(place, filter, sign, values);
  const score = values.bind(row.score);
  // One range of an index that ends in these columns. With the sweep already given, a pair would scan the sweep's other rows.
  const order = 'sweepId' in place ? ['configuration'] : ['sweep_id', 'configuration'];
  const before = beyond(order, '<', row, values);
  const [{ count }] = await dataSource.query<[{ count: number }]>(
    `select count(*)::integer as count ${rows} and score = ${score} and ${before}`,
    values.all,
  );
  return count;
}

/** The number of rows that match a filter; null if there are more than `most`, which would take too long to count. */
export async function countRows(
  dataSource: DataSource,
  { place, sign, filter }: BoardRequest,
  most: number,
): Promise<number | null> {
  const values = new Values();
  const rows = rowsSql(place, filter, sign, values);
  const [{ count }] = await dataSource.query<[{ count: number }]>(
    `select count(*)::integer as count from (select ${rows} limit ${most + 1}) counted`,
    values.all,
  );
  return count > most ? null : count;
}

/** Orders of a leaderboard other than best first. */
export type BoardSort =
  | { by: 'value' | 'updates' | 'seconds' | 'finishedAt' }
  | { by: 'metric' | 'parameter'; name: string };

/** The position at which a page in another order begins. `key`: as JSON; null if the row has none. */
export interface SortedPosition {
  key: string | null;
  score: number;
  sweepId: string;
  configuration: number;
}

export interface SortedRow extends BoardRow, Standing {
  key: string | null;
}

const keys = {
  value: 'score',
  updates: 'updates::double precision',
  seconds: 'seconds',
  finishedAt: '(extract(epoch from finished_at) * 1000)::double precision',
};

function keySql(sort: BoardSort, fixed: FixedValues, values: Values): string {
  if (sort.by === 'metric') return `(metrics ->> ${values.bind(sort.name)})::double precision`;
  return sort.by === 'parameter' ? parameterSql(sort.name, fixed, values) : keys[sort.by];
}

/**
 * A page of a leaderboard in another order; rows without a key come last. All rows that match the filter are read twice, to find the page
 * and to count the rows that are better than each of its own: at most those of a sweep, or the best 20,000 of a team leaderboard.
 */
export async function sortedPage(
  dataSource: DataSource,
  { place, sign, filter, limit }: BoardRequest,
  sort: BoardSort,
  descending: boolean,
  from?: { position: SortedPosition; direction: Direction },
): Promise<BoardPage<SortedRow>> {
  const values = new Values();
  const all = rowsSql(place, filter, sign, values, true);
  const key = keySql(sort, filter.fixed ?? {}, values);
  const backwards = from?.direction === 'previous';
  const way = (isDescending: boolean): string => (isDescending === backwards ? 'asc' : 'desc');
  const order = (table: string): string =>
    `${table}key is null ${way(false)}, ${table}key ${way(descending)}, ${table}score ${way(false)}, ${table}sweep_id ${way(false)}, ${table}configuration ${way(false)}`;
  const behind = from ? `where ${behindSql(from.position, sort, descending, backwards, values)}` : '';
  const ranked = rowsSql(place, filter, sign, values, true);
  const found = await dataSource.query<SortedRow[]>(
    `with sorted as materialized (
       select * from (select sweep_id, configuration, score, ${key} as key ${all}) found ${behind}
       order by ${order('')} limit ${limit + 1}
     ), edges as materialized (
       select array(select distinct score from sorted order by score) as scores
     ), counted as materialized (
       select bucket, count(*) as held, count(*) filter (where score = scores[bucket]) as same
       from (select score, scores, width_bucket(score, scores) as bucket from (select score ${ranked}) own, edges) placed group by bucket
     ), standings as materialized (
       select scores[bucket] as score, same > 1 as tied,
              1 + coalesce(sum(held) over (order by bucket rows between unbounded preceding and 1 preceding), 0)::integer as rank
       from counted, edges
     )
     select ${boardColumns}, standings.rank, standings.tied, to_json(sorted.key)::text as key
     from sorted join standings using (score) join configurations page using (sweep_id, configuration) ${boardJoins}
     order by ${order('sorted.')}`,
    values.all,
  );
  const shown = found.slice(0, limit);
  const more = found.length > limit;
  const rows = backwards ? shown.reverse() : shown;
  return { rows, hasNext: backwards || more, hasPrevious: backwards ? more : from !== undefined };
}

function behindSql(
  { key, score, sweepId, configuration }: SortedPosition,
  sort: BoardSort,
  descending: boolean,
  backwards: boolean,
  values: Values,
): string {
  const than = backwards ? '<' : '>';
  const rest = `(score, sweep_id, configuration) ${than} (${[score, sweepId, configuration].map((each) => values.bind(each)).join(', ')})`;
  if (key === null) return backwards ? `(key is not null or ${rest})` : `(key is null and ${rest})`;
  const at =
    sort.by === 'parameter'
      ? `${values.bind(key)}::jsonb`
      : `${values.bind(Number(JSON.parse(key)))}::double precision`;
  const further = descending === backwards ? '>' : '<';
  const before = `key ${further} ${at} or (key = ${at} and ${rest})`;
  return backwards ? `(key is not null and (${before}))` : `(key is null or ${before})`;
}

export interface BaselineOnBoard {
  name: string;
  metrics: Record<string, number>;
}

/** The metrics of simple models with these comparison keys. */
export function findBaselines(dataSource: DataSource, comparisonKeys: readonly string[]): Promise<BaselineOnBoard[]> {
  return dataSource.query(`select distinct name, metrics from baselines where comparison_key = any($1)`, [
    comparisonKeys,
  ]);
}
