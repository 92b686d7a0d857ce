import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Prompts that a worker answers while somebody waits. A row lives as long as they do. */
export class Prompts1766000003300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table prompts (
         id text primary key,
         team_id text not null,
         model text not null,
         body json not null,
         state text not null default 'waiting' check (state in ('waiting', 'writing', 'done', 'failed')),
         worker_id text,
         pieces text[] not null default '{}',
         message text,
         created_at timestamptz not null default clock_timestamp(),
         heard_at timestamptz not null default clock_timestamp(),
         expires_at timestamptz not null
       )`,
    );
    await runner.query(`create index prompts_waiting on prompts (created_at) where state = 'waiting'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table prompts');
  }
}
