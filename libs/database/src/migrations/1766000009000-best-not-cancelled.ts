import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** The end of a sweep tells webhooks of the best trial that was not cancelled with it. */
export class BestNotCancelled1766000009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, '1c6049cb55cb29a0');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration; the tables are the same.
  }
}
