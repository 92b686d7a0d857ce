import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/**
 * What ended attempts of a sweep used is added up once, for budget.gpuHours. Refreshing many configurations at once takes time in
 * proportion to their number, and the mean of values as large as a double is no error.
 */
export class KeptSums1766000011002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table sweep_usage (
      sweep_id text primary key constraint sweep_usage_sweep references sweeps on delete cascade,
      seconds double precision not null
    )`);
    // Those that are there already are added up here.
    await runner.query('alter table usage_log add trial_id text');
    await runner.query(
      `insert into sweep_usage (sweep_id, seconds)
       select sweep_id, sum(extract(epoch from coalesce(attempts.finished_at, clock_timestamp()) - attempts.started_at) / attempts.lanes)
       from sweeps join trials on sweep_id = sweeps.id join attempts on trial_id = trials.id
       where gpu_hours is not null and attempts.state <> 'running' group by sweep_id`,
    );
    await recreateLiveSchema(runner, '23c81c08f7ac0ba2');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table sweep_usage');
    await runner.query(`create or replace function attempt_ended() returns trigger language plpgsql as $$
      begin
        insert into usage_log (team_id, member, began, ended, lanes)
        select new.team_id, new.owner, new.started_at, coalesce(new.finished_at, clock_timestamp()), new.lanes
        where new.team_id <> '';
        return null;
      end $$`);
    await runner.query(`delete from usage_log where team_id = ''`);
    await runner.query('alter table usage_log drop trial_id');
  }
}
