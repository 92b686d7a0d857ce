import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** What a worker tells is written by plans that are made once for a connection. */
export class GenericPlans1766000003600 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'af3fce88b6e9e288');
  }

  async down(): Promise<void> {
    // The text of the functions is that of the newest migration; the tables are the same.
  }
}
