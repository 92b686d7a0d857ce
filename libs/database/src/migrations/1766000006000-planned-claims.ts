import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Claims run by plans that are made once for a connection. */
export class PlannedClaims1766000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'e9d13443db9be9ec');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration; the tables are the same.
  }
}
