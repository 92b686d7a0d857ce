import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The name of a registered model keeps the number of its last version when it is deleted. */
export class KeptNumbers1766000011000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table registered_models add column deleted_at timestamptz(3)');
  }

  async down(runner: QueryRunner): Promise<void> {
    // Those names are gone for the version before.
    await runner.query('delete from registered_models where deleted_at is not null');
    await runner.query('alter table registered_models drop column deleted_at');
  }
}
