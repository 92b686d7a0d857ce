import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/**
 * What sweeps with budget.gpuHours use has a log of its own, which an earlier leader does not empty. Functions that keep their plans are
 * not compiled. A name of the registry that was deleted is there again whoever registers it.
 */
export class OwnLogs1766000013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table sweep_usage_log (sweep_id text not null, seconds double precision not null)');
    await runner.query(
      `insert into sweep_usage_log (sweep_id, seconds)
       select sweep_id, extract(epoch from ended - began) / usage_log.lanes
       from usage_log join trials on trials.id = trial_id join sweeps on sweeps.id = sweep_id where gpu_hours is not null`,
    );
    for (const table of ['usage_log', 'usage_months']) await runner.query(`delete from ${table} where team_id = ''`);
    await runner.query('alter table usage_log drop trial_id');
    // Roles of workers write what attempts used before their grants are made again.
    await runner.query(`do $$
      declare
        role text;
      begin
        for role in select distinct case grantee when 'PUBLIC' then 'public' else quote_ident(grantee) end
          from information_schema.role_table_grants
          where table_schema = 'public' and table_name = 'usage_log' and privilege_type = 'INSERT' and grantee <> grantor
        loop
          execute 'grant insert on sweep_usage_log to ' || role;
        end loop;
      end $$`);
    await recreateLiveSchema(runner, '1c94f62826948b96');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger registered_models_update on registered_models');
    await runner.query('drop function model_registered()');
    await runner.query(
      `insert into sweep_usage as own (sweep_id, seconds)
       select sweep_id, sum(seconds) from sweep_usage_log where sweep_id in (select id from sweeps) group by sweep_id
       on conflict (sweep_id) do update set seconds = own.seconds + excluded.seconds`,
    );
    await runner.query('drop table sweep_usage_log');
    await runner.query('alter table usage_log add trial_id text');
    await runner.query(`create or replace function attempt_ended() returns trigger language plpgsql as $$
      begin
        insert into usage_log (team_id, member, trial_id, began, ended, lanes)
        values (new.team_id, new.owner, new.trial_id, new.started_at, coalesce(new.finished_at, clock_timestamp()), new.lanes);
        return null;
      end $$`);
  }
}
