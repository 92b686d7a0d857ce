import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** As it was before: reports of running trials refresh leaderboards themselves. */
const trialsChanged = `create or replace function trials_changed() returns trigger language plpgsql as $$
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

/**
 * Reports that cost a large fleet little: one function commits all that a worker tells, leaderboards are refreshed by the leader, and
 * what is updated again and again stays on its page: no index has a column that a report or a renewal changes.
 */
export class Fleet1766000002400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials add reported_in bigint');
    await runner.query('drop index attempts_by_lease');
    await runner.query(`create index attempts_running on attempts (group_id) where state = 'running'`);
    for (const [table, percent] of [
      ['trials', 85],
      ['attempts', 80],
      ['workers', 50],
    ])
      await runner.query(`alter table ${table} set (fillfactor = ${percent})`);
    await recreateLiveSchema(runner, '73da050693b6237a');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(trialsChanged);
    await runner.query(`create or replace trigger workers_update after update on workers
      referencing new table as touched for each statement execute function workers_changed()`);
    await runner.query('drop function workers_seen()');
    await runner.query('drop function commit_work(text[], double precision, json, json, json, json, json, json, json)');
    await runner.query('drop function refresh_reported(bigint)');
    for (const table of ['trials', 'attempts', 'workers'])
      await runner.query(`alter table ${table} reset (fillfactor)`);
    await runner.query('drop index attempts_running');
    await runner.query(`create index attempts_by_lease on attempts (lease_until) where state = 'running'`);
    await runner.query('alter table trials drop reported_in');
  }
}
