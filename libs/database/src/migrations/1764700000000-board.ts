import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  `create table configurations (
    sweep_id text not null constraint configurations_sweep references sweeps (id) on delete cascade,
    configuration integer not null,
    board text not null,
    objective text not null,
    cell text not null,
    parameters jsonb not null,
    score double precision,
    deviation double precision,
    repeats integer not null default 0,
    best_trial text,
    state text,
    metrics jsonb not null default '{}',
    updates integer not null default 0,
    seconds double precision,
    finished_at timestamptz(3),
    primary key (sweep_id, configuration)
  )`,
  `create table boards (
    sweep_id text not null constraint boards_sweep references sweeps (id) on delete cascade,
    board text not null,
    objective text not null,
    metric text not null,
    goal text not null,
    dataset text not null,
    fingerprint text not null,
    reading jsonb not null,
    task text not null,
    tokens text,
    primary key (sweep_id, board)
  )`,
  `create index boards_by_objective on boards (board, objective)`,
  `create table changes (
    xid bigint not null,
    sequence bigserial not null,
    kind text not null,
    id text not null,
    sweep_id text,
    at timestamptz not null default clock_timestamp(),
    primary key (xid, sequence)
  )`,
  `create table samples (
    trial_id text not null constraint samples_trial references trials (id) on delete cascade,
    place integer not null,
    update integer not null,
    content text not null,
    primary key (trial_id, place)
  )`,
  `create table views (
    id text primary key,
    name text not null,
    path text not null,
    created_at timestamptz(3) not null default clock_timestamp()
  )`,
  `create index views_by_age on views (created_at, id)`,
  `create index changes_by_age on changes (at)`,
];

const ranked = 'where score is not null';
const indexes = [
  `create index configurations_by_score on configurations (sweep_id, score, configuration) ${ranked}`,
  `create index configurations_by_cell on configurations (sweep_id, cell, score, configuration) ${ranked}`,
  `create index configurations_by_state on configurations (sweep_id, state, score, configuration) ${ranked}`,
  `create index configurations_of_board on configurations (board, objective, score, sweep_id, configuration) ${ranked}`,
  `create index configurations_of_board_by_cell on configurations (board, objective, cell, score, sweep_id, configuration) ${ranked}`,
];

/**
 * Functions and triggers as this migration created them; schema/ has the current ones. The trials of a configuration, starting with its
 * first: the order and `offset 0` make PostgreSQL find them by number instead of scanning all of the sweep's by state.
 */
const trialsOf = (most: string): string => `select * from trials where sweep_id = sweep
  and trials.number >= wanted.number * seeds and trials.number < (wanted.number + 1) * seeds order by trials.number ${most}`;

/** Aggregates the trials of these configurations; more conditions may follow. */
const foundOf = (wanted: string): string => `
  select sweep, wanted.number, seeds, how.objective, score, deviation, repeats, best
  from unnest(${wanted}) as wanted (sweep, number)
  cross join lateral (select total / configurations as seeds, sweeps.objective,
    case when sweeps.objective ->> 'goal' = 'maximize' then -1 else 1 end as sign from sweeps where id = sweep) how
  cross join lateral (
    select avg(value) * sign as score, stddev_samp(value) as deviation, count(value)::integer as repeats,
           (array_agg(id order by value * sign, seeded.number))[1] as best
    from (
      ${trialsOf('offset 0')}
    ) seeded where value is not null and state in ('completed', 'pruned', 'running')
  ) came
  where true`;

/**
 * Brings the rows of these configurations up to date with their trials. A missing row is inserted whole; the others are first locked,
 * in order, and the trials are read by a later statement, so that a transaction sees what the one before it wrote.
 */
export const refresh = `create function refresh_configurations(sweep_ids text[], numbers integer[]) returns void language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  declare
    known_sweeps text[];
    known_numbers integer[];
  begin
    insert into boards (sweep_id, board, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
    select distinct on (sweep, trials.board) sweep, trials.board, objective ->> 'goal' || ' ' || (objective ->> 'metric'),
           objective ->> 'metric', objective ->> 'goal', trials.spec -> 'dataset' ->> 'name', dataset_fingerprint,
           (trials.spec -> 'dataset')::jsonb - 'name', trials.spec -> 'task' ->> 'kind', trials.spec -> 'task' ->> 'tokens'
    from unnest(sweep_ids, numbers) as wanted (sweep, number)
    cross join lateral (select total / configurations as seeds, objective from sweeps where id = sweep) how
    cross join lateral (${trialsOf('limit 1')}) trials
    where not exists (select from boards known where known.sweep_id = sweep and known.board = trials.board)
    on conflict do nothing;

    with inserted as (
      insert into configurations (sweep_id, configuration, board, objective, cell, parameters,
        score, deviation, repeats, best_trial, state, metrics, updates, seconds, finished_at)
      select sweep, wanted.number, first.board, wanted.objective ->> 'goal' || ' ' || (wanted.objective ->> 'metric'),
             coalesce(first.spec -> 'model' ->> 'cell', ''), first.parameters, score, deviation, repeats, best.id, best.state,
             coalesce(best.metrics, '{}'), coalesce(best.updates, 0), best.seconds, best.finished_at
      from (${foundOf('sweep_ids, numbers')}
        and not exists (select from configurations known where known.sweep_id = sweep and known.configuration = wanted.number)
      ) wanted
      cross join lateral (${trialsOf('limit 1')}) first
      left join trials best on best.id = wanted.best
      on conflict do nothing returning sweep_id, configuration
    )
    select array_agg(sweep), array_agg(number) into known_sweeps, known_numbers
    from unnest(sweep_ids, numbers) as wanted (sweep, number)
    where not exists (select from inserted where sweep_id = sweep and configuration = number);

    if known_sweeps is null then
      return;
    end if;
    perform from configurations own join unnest(known_sweeps, known_numbers) as wanted (sweep, number)
      on own.sweep_id = sweep and own.configuration = number order by own.sweep_id, own.configuration for update of own;

    update configurations own set score = found.score, deviation = found.deviation, repeats = found.repeats, best_trial = found.best,
           state = best.state, metrics = coalesce(best.metrics, '{}'), updates = coalesce(best.updates, 0),
           seconds = best.seconds, finished_at = best.finished_at
    from (${foundOf('known_sweeps, known_numbers')}
    ) found left join trials best on best.id = found.best
    where own.sweep_id = found.sweep and own.configuration = found.number;
  end $$`;

/** After each statement that changes trials: logs the changes, and refreshes the configurations whose values changed. */
const trialsChanged = `create function trials_changed() returns trigger language plpgsql as $$
  declare
    sweep_ids text[];
    numbers integer[];
  begin
    insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, 'trial', id, sweep_id from after_rows;
    select array_agg(sweep_id), array_agg(configuration) into sweep_ids, numbers from (
      select distinct after_rows.sweep_id, after_rows.configuration from after_rows join before_rows using (id)
      where (after_rows.value is not null and after_rows.state in ('completed', 'pruned', 'running'))
         or (before_rows.value is not null and before_rows.state in ('completed', 'pruned', 'running'))
    ) touched;
    if sweep_ids is not null then
      perform refresh_configurations(sweep_ids, numbers);
    end if;
    return null;
  end $$`;

const logged = (kind: string, sweep: string): string =>
  `create function ${kind}s_changed() returns trigger language plpgsql as $$
  begin
    insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, '${kind}', id, ${sweep} from touched;
    return null;
  end $$`;

const logs = (kind: string): string[] =>
  ['insert', 'update', 'delete'].map(
    (event) => `create trigger ${kind}s_${event} after ${event} on ${kind}s
     referencing ${event === 'delete' ? 'old' : 'new'} table as touched for each statement execute function ${kind}s_changed()`,
  );

const triggers = [
  refresh,
  trialsChanged,
  `create trigger trials_update after update on trials referencing old table as before_rows new table as after_rows
   for each statement execute function trials_changed()`,
  logged('sweep', 'id'),
  logged('worker', 'null'),
  ...logs('sweep'),
  ...logs('worker'),
];

const columns = {
  slots: 'integer not null default 1',
  memory_used: 'bigint',
  memory_total: 'bigint',
  steps_per_second: 'double precision',
};

const fill = `select refresh_configurations(array_agg(sweep_id), array_agg(configuration)) from (
  select distinct sweep_id, configuration from trials
  where value is not null and state in ('completed', 'pruned', 'running')
) valued having count(*) > 0`;

/** Leaderboard rows that triggers maintain, the log of changes for the live channel, generated samples, saved views. */
export class Board1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, type] of Object.entries(columns))
      await runner.query(`alter table workers add column ${name} ${type}`);
    for (const statement of [...tables, ...triggers, fill, ...indexes]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger trials_update on trials');
    for (const table of ['sweeps', 'workers'])
      for (const event of ['insert', 'update', 'delete'])
        await runner.query(`drop trigger ${table}_${event} on ${table}`);
    for (const name of ['trials_changed()', 'sweeps_changed()', 'workers_changed()'])
      await runner.query(`drop function ${name}`);
    await runner.query('drop function refresh_configurations(text[], integer[])');
    for (const table of ['views', 'samples', 'changes', 'boards', 'configurations'])
      await runner.query(`drop table ${table}`);
    for (const name of Object.keys(columns)) await runner.query(`alter table workers drop column ${name}`);
  }
}
