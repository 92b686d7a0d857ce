import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The later verdict on a configuration that passed a rung as one of the first. */
export class LaterVerdicts1765000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table verdicts add later_seen integer, add later_update integer, add later_why text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table verdicts drop later_seen, drop later_update, drop later_why');
  }
}
