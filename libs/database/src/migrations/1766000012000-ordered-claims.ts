import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** A claim reads the trials that it takes, not all that wait, whatever statistics say. */
export class OrderedClaims1766000012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'a814993766e4cba7');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration; the tables are the same.
  }
}
