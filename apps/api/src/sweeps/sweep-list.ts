import type { SweepPage, SweepsQuery, SweepSort } from '@unroll/contracts';
import { Sweep } from '@unroll/database';
import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { fromCursor, isTime, toPage } from '../http/cursor';
import { sweepViews } from './sweep-views';

/** What each order sorts by, times in milliseconds; equal rows follow by id. A sweep that has not finished is the newest of all. */
const keys: Readonly<Record<SweepSort, { column: string; type: string }>> = {
  created: { column: 'sweep.created_at', type: 'timestamptz' },
  name: { column: 'sweep.name', type: 'text' },
  owner: { column: 'sweep.owner', type: 'text' },
  finished: {
    column: `date_trunc('milliseconds', coalesce(sweep.finished_at, '9999-01-01Z'))`,
    type: 'timestamptz',
  },
};

type Position = [string, string, string];

/** Whether a cursor belongs to a list in this order. */
const isPosition =
  (order: string, type: string) =>
  (value: unknown): value is Position =>
    Array.isArray(value) &&
    value.length === 3 &&
    value[0] === order &&
    (type === 'text' ? typeof value[1] === 'string' : isTime(value[1])) &&
    /^[a-z0-9]+$/.test(String(value[2]));

/** The sweeps of a team that match, a page at a time, with how many match. By sweeps_by_age, or a sort of the team's sweeps. */
export async function listSweeps(dataSource: DataSource, teamId: string, query: SweepsQuery): Promise<SweepPage> {
  const { column, type } = keys[query.sort];
  const descending = (query.order ?? (type === 'text' ? 'asc' : 'desc')) === 'desc';
  const order = `${query.sort} ${descending ? 'desc' : 'asc'}`;
  const position = fromCursor(query.cursor, isPosition(order, type));
  const found = matching(dataSource, teamId, query);
  const total = await found.getCount();
  const way = descending ? 'DESC' : 'ASC';
  const ids = found.clone().select('sweep.id', 'id').addSelect(column, 'key').orderBy('key', way).addOrderBy('id', way);
  if (position)
    ids.andWhere(`(${column}, sweep.id) ${descending ? '<' : '>'} (:key::${type}, :last)`, {
      key: position[1],
      last: position[2],
    });
  const rows = await ids.limit(query.limit + 1).getRawMany<{ id: string; key: Date | string }>();
  // By what was found first: a sweep that is deleted meanwhile is left out, and the list goes on.
  const page = toPage(
    rows,
    query.limit,
    ({ id }) => id,
    ({ id, key }): Position => [order, typeof key === 'string' ? key : key.toISOString(), id],
  );
  const sweeps = await dataSource
    .getRepository(Sweep)
    .createQueryBuilder('sweep')
    .where('sweep.id = any(:ids)', { ids: page.items })
    .getMany();
  const byId = new Map(sweeps.map((sweep) => [sweep.id, sweep]));
  const views = await sweepViews(
    dataSource,
    page.items.flatMap((id) => byId.get(id) ?? []),
  );
  return { items: views, nextCursor: page.nextCursor, total };
}

/** That what people wrote about a configuration of the sweep meets a condition. */
const ofConfiguration = (condition: string): string =>
  `exists (select from configuration_details words where words.sweep_id = sweep.id and ${condition})`;

function matching(
  dataSource: DataSource,
  teamId: string,
  { search, dataset, owner, tag, state, parameter, since, until, archived }: SweepsQuery,
): SelectQueryBuilder<Sweep> {
  const query = dataSource
    .getRepository(Sweep)
    .createQueryBuilder('sweep')
    .where('sweep.team_id = :teamId', { teamId })
    .andWhere(archived ? 'sweep.archived_at is not null' : 'sweep.archived_at is null');
  // strpos knows no wildcards.
  if (search)
    query.andWhere(
      `(strpos(lower(sweep.name), lower(:search)) > 0 or starts_with(sweep.id, :search) or strpos(lower(sweep.note), lower(:search)) > 0
        or ${ofConfiguration('strpos(lower(words.note), lower(:search)) > 0')})`,
      { search },
    );
  if (dataset !== undefined) query.andWhere('jsonb_exists(sweep.datasets, :dataset)', { dataset });
  if (owner !== undefined) query.andWhere('sweep.owner = :owner', { owner });
  if (tag.length > 0) query.andWhere(`(sweep.tags @> :tag or ${ofConfiguration('words.tags @> :tag')})`, { tag });
  if (state.length > 0) query.andWhere('sweep.state = any(:state)', { state });
  if (since !== undefined) query.andWhere('sweep.created_at >= :since', { since });
  if (until !== undefined) query.andWhere('sweep.created_at < :until', { until });
  if (parameter !== undefined)
    query.andWhere(
      `exists (select from trials where sweep_id = sweep.id and number = 0 and jsonb_exists(parameters::jsonb, :parameter))`,
      { parameter },
    );
  return query;
}
