import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Workers that are asked to leave, and their use over time; pinned baselines; links that only read. */
export class Team1766000002900 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table workers add use smallint[] not null default '{}', add drain text`);
    await runner.query(`create table pins (
      comparison_key text not null,
      objective text not null,
      sweep_id text not null constraint pins_sweep references sweeps on delete cascade,
      configuration integer not null,
      primary key (comparison_key, objective)
    )`);
    await runner.query('create index pins_of_sweep on pins (sweep_id)');
    await runner.query(`create table links (
      id text primary key,
      team_id text not null constraint links_team references teams on delete cascade,
      kind text not null,
      target text not null,
      metric text,
      author text not null,
      hash text not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      expires_at timestamptz not null,
      last_used_at timestamptz
    )`);
    await runner.query('create unique index links_by_hash on links (hash)');
    await runner.query('create index links_of_team on links (team_id, created_at)');
    await recreateLiveSchema(runner, 'bc40b9f05c610c43');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table links');
    await runner.query('drop table pins');
    await runner.query('alter table workers drop use, drop drain');
  }
}
