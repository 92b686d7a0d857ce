import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes and tags of sweeps and trials, and sweeps that are archived. */
export class Words1766000002100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table sweeps add note text not null default '', add tags text[] not null default '{}',
      add archived_at timestamptz`);
    await runner.query(`create table trial_details (
      trial_id text primary key constraint trial_details_trial references trials (id) on delete cascade,
      note text not null default '',
      tags text[] not null default '{}'
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table trial_details');
    await runner.query('alter table sweeps drop note, drop tags, drop archived_at');
  }
}
