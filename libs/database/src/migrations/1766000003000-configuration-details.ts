import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes and tags of configurations. */
export class ConfigurationDetails1766000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table configuration_details (
      sweep_id text not null constraint configuration_details_sweep references sweeps on delete cascade,
      configuration integer not null,
      note text not null default '',
      tags text[] not null default '{}',
      primary key (sweep_id, configuration)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table configuration_details');
  }
}
