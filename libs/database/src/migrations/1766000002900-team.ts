import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Workers that are asked to leave, and their use over time; pinned baselines; links that only read; webhooks. */
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
    await runner.query(`create table webhooks (
      id text primary key,
      team_id text not null constraint webhooks_team references teams on delete cascade,
      url text not null,
      kind text not null,
      events text[] not null,
      secret text not null,
      author text not null,
      created_at timestamptz(3) not null default clock_timestamp()
    )`);
    await runner.query('create index webhooks_of_team on webhooks (team_id)');
    await runner.query(`create table deliveries (
      id bigint generated always as identity primary key,
      webhook_id text not null constraint deliveries_webhook references webhooks on delete cascade,
      message json not null,
      attempts integer not null default 0,
      next_at timestamptz default clock_timestamp(),
      delivered_at timestamptz,
      status integer,
      problem text,
      created_at timestamptz(3) not null default clock_timestamp()
    )`);
    await runner.query('create index deliveries_due on deliveries (next_at) where next_at is not null');
    await runner.query('create index deliveries_of_webhook on deliveries (webhook_id, id)');
    await runner.query(`create table told_bests (
      sweep_id text primary key constraint told_bests_sweep references sweeps on delete cascade,
      score double precision not null
    )`);
    await recreateLiveSchema(runner, 'fedab205d2d74f48');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger sweeps_ended on sweeps');
    await runner.query('drop function sweep_ended()');
    for (const table of ['told_bests', 'deliveries', 'webhooks', 'links', 'pins'])
      await runner.query(`drop table ${table}`);
    await runner.query('alter table workers drop use, drop drain');
  }
}
