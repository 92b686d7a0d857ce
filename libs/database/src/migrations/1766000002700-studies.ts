import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sweeps whose trials are run by whoever asks for them. */
export class Studies1766000002700 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sweeps add asked integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sweeps drop asked');
  }
}
