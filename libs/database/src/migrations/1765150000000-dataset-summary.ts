import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a first look at a data set found. */
export class DatasetSummary1765150000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table datasets add summary jsonb not null default '[]'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table datasets drop summary');
  }
}
