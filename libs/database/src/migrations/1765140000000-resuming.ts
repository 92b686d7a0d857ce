import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Configurations that stop at a rung and may resume. */
export class Resuming1765140000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table verdicts add share double precision');
    await recreateLiveSchema(runner, 'd2e0822832d9e02c');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table verdicts drop share');
  }
}
