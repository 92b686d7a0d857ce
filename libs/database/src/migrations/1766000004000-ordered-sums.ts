import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Means of a configuration are added up in the order of its trials: the same trials give the same row, whatever the plan. */
export class OrderedSums1766000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'c9f1b9569698d133');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration.
  }
}
