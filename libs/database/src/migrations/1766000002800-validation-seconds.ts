import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much of a trial's time its validation took. */
export class ValidationSeconds1766000002800 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials add validation_seconds double precision');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table trials drop validation_seconds');
  }
}
