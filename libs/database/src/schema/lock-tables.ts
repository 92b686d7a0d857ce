import type { QueryRunner } from 'typeorm';

/** Attempts to lock all tables together, before they are locked as any other statement does. */
const attempts = 30;
/** Milliseconds for which each lock is waited for: less in all than until PostgreSQL looks for deadlocks, a second. */
const wait = 100;

/**
 * Locks all of our tables for the rest of the transaction of migrations, before their statements lock them one by one: transactions of a
 * fleet that works meanwhile use them in various orders, so that either would wait for the other. If a table is in use, those that are
 * locked already are free again until the next attempt. At last they are locked in the order in which a backup reads them. Only the table
 * of the migrations themselves, which a backup reads first, is not locked: no migration changes it.
 */
export async function lockTables(runner: QueryRunner): Promise<void> {
  await runner.query(`do $$
    declare
      before text := current_setting('lock_timeout');
      tables text := (select string_agg(oid::regclass::text, ', ' order by relname) from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'migrations' and pg_has_role(relowner, 'usage'));
    begin
      if tables is null then
        return;
      end if;
      for attempt in 1..${attempts} loop
        begin
          perform set_config('lock_timeout', '${wait}', true);
          execute 'lock table ' || tables || ' in access exclusive mode';
          perform set_config('lock_timeout', before, true);
          return;
        exception when lock_not_available or deadlock_detected then
          -- The end of this block has released what it had locked.
        end;
        perform pg_sleep(0.05);
      end loop;
      execute 'lock table ' || tables || ' in access exclusive mode';
    end $$`);
}
