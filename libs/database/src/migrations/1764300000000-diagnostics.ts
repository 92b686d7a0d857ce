import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  `create table diagnostics (
    trial_id text not null constraint diagnostics_trial references trials (id) on delete cascade,
    update integer not null,
    figures json not null,
    primary key (trial_id, update)
  )`,
  `create table pictures (
    trial_id text primary key constraint pictures_trial references trials (id) on delete cascade,
    content json not null
  )`,
];

export class Diagnostics1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['pictures', 'diagnostics']) await runner.query(`drop table ${table}`);
  }
}
