import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Boards and the live channel no longer wait for transactions of other databases of the server. */
export class EndedBefore1766000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'db4e8c53926a6ea5');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration, and they need this one; the tables are the same.
  }
}
