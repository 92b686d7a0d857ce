import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

const up = [
  `create table shares (
    team_id text not null,
    member text not null default '',
    priority text not null default '',
    weight double precision not null default 1,
    lanes integer,
    gpu_hours double precision,
    storage_bytes double precision,
    running double precision not null default 0,
    recent double precision not null default 0,
    spent double precision not null default 0,
    as_of timestamptz not null default clock_timestamp(),
    primary key (team_id, member, priority)
  ) with (fillfactor = 50)`,
  `create index shares_of_teams on shares (team_id) where member = '' and priority = ''`,
  `create table usage_months (
    team_id text not null,
    member text not null,
    month date not null,
    seconds double precision not null,
    primary key (team_id, member, month)
  )`,
  // What attempts used that have ended, until the leader adds it to the month.
  `create table usage_log (
    team_id text not null,
    member text not null,
    began timestamptz not null,
    ended timestamptz not null,
    lanes integer not null
  )`,
  `alter table sweeps add priority text not null default 'normal'`,
  `create index sweeps_open on sweeps (team_id, owner, priority, created_at, id) where state = 'running'`,
  `alter table attempts add team_id text not null default 'local', add owner text not null default 'local',
    add priority text not null default 'normal'`,
  `update attempts set team_id = sweeps.team_id, owner = sweeps.owner from trials join sweeps on sweeps.id = sweep_id
   where trials.id = trial_id and attempts.state = 'running'`,
  `create index attempts_of_team on attempts (team_id, owner) where state = 'running'`,
  `alter table datasets add owner text not null default 'local'`,
];

/** Who gets the next trainer: weights, quotas and use of teams and members, priorities of sweeps. */
export class Shares1766000002200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
    await recreateLiveSchema(runner, 'ef2e9a3971269f8a');
    await runner.query(
      `select add_shares(team_id, owner, priority) from (select distinct team_id, owner, priority from sweeps) known`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger attempts_ended on attempts');
    await runner.query('drop trigger sweeps_shared on sweeps');
    await runner.query(
      `drop function attempt_ended(), sweep_shared(), add_shares(text, text, text), next_sweep(text, text, text, text[]),
         lock_for_claim(text), take_slot(text, text, text)`,
    );
    await runner.query('alter table datasets drop owner');
    await runner.query('drop index attempts_of_team, sweeps_open');
    await runner.query('alter table attempts drop team_id, drop owner, drop priority');
    await runner.query('alter table sweeps drop priority');
    await runner.query('drop table usage_log, usage_months, shares');
  }
}
