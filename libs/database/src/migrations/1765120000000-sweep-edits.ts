import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Changes of a sweep's specification while it runs. */
export class SweepEdits1765120000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sweeps add edits integer not null default 0');
    await runner.query(`create table sweep_edits (
      sweep_id text not null constraint sweep_edits_sweep references sweeps (id) on delete cascade,
      number integer not null,
      first integer not null,
      replaced json not null,
      inherited json not null,
      changed text[] not null,
      withdrawn integer not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (sweep_id, number)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table sweep_edits');
    await runner.query('alter table sweeps drop edits');
  }
}
