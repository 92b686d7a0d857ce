import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/**
 * A sweep knows which one it is a changed copy of. Leaderboards show what a trial has reached also while it waits to go on, and the last
 * best of a sweep is told before its end.
 */
export class Lineage1766000007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sweeps add column if not exists cloned_from text');
    await recreateLiveSchema(runner, '94125e96cb9a15d3');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sweeps drop column cloned_from');
  }
}
