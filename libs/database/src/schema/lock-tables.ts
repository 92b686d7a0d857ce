import type { QueryRunner } from 'typeorm';

/** Attempts to lock all tables together, before they are locked as any other statement does. */
const attempts = 30;
/** Milliseconds for which each lock is waited for: less in all than until PostgreSQL looks for deadlocks, a second. */
const wait = 100;

/**
 * Locks tables for the rest of a migration's transaction, before its statements lock them one by one: transactions of a fleet that works
 * meanwhile use them in various orders, so that either would wait for the other. If a table is in use, those that are locked already are
 * free again until the next attempt.
 */
export async function lockTables(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  const lock = `lock table ${tables.join(', ')} in access exclusive mode;`;
  await runner.query(`do $$
    declare before text := current_setting('lock_timeout');
    begin
      for attempt in 1..${attempts} loop
        begin
          perform set_config('lock_timeout', '${wait}', true);
          ${lock}
          perform set_config('lock_timeout', before, true);
          return;
        exception when lock_not_available or deadlock_detected then
          -- The end of this block has released what it had locked.
        end;
        perform pg_sleep(0.05);
      end loop;
      ${lock}
    end $$`);
}
