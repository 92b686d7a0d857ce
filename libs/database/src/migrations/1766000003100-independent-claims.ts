import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Claims are one statement, and those of a sweep without limits do not wait for each other. */
export class IndependentClaims1766000003100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await recreateLiveSchema(runner, 'd4308d2325246f3b');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop function claim_trials(json, json, json, text[]), join_group(json, text, text, text, integer, text[], boolean),
         begin_attempts(json, text, integer, text, text, text, text[], text[]), new_id()`,
    );
  }
}
