import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Trials that were completed with the result of an earlier sweep. */
export class ReusedTrials1765110000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials add reused_from text');
    await runner.query('create index trials_reused_model on trials (model) where reused_from is not null');
    await recreateLiveSchema(runner, 'd0bee2df8a1430f7');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials drop reused_from');
  }
}
