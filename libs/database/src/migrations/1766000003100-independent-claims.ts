import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/**
 * Claims are one statement; those of a sweep without limits do not wait for each other. Workers have labels, which sweeps may require.
 * Curves of old sweeps are thinned.
 */
export class IndependentClaims1766000003100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table workers add labels jsonb not null default '{}'`);
    await runner.query('alter table sweeps add requires jsonb, add thinned integer not null default 0');
    await recreateLiveSchema(runner, '6dd6723ee02f2151');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop function claim_trials(json, json, json, text[]), join_group(json, text, text, text, integer, text[], boolean),
         begin_attempts(json, text, integer, text, text, text, text[], text[]), new_id()`,
    );
    // Databases that were created by a later version never had it.
    await runner.query('drop function if exists next_sweep_for(jsonb, text, text, text, text[])');
    await runner.query('alter table sweeps drop requires, drop thinned');
    await runner.query('alter table workers drop labels');
  }
}
