import type { DataSource, EntityManager } from 'typeorm';

/**
 * SQL: a table expression of one row, with which a statement that is a transaction by itself does not wait until its commit is on the disk.
 * A later commit that waits flushes it too, since PostgreSQL writes its log in order; a crash before that, within three times
 * `wal_writer_delay`, undoes it as a whole. For what is harmless to lose then.
 */
export const unflushed = `unflushed as (select set_config('synchronous_commit', 'off', true))`;

/**
 * SQL: an expression with which a statement that is a transaction by itself waits until all that was committed before is on the disk, if it
 * is evaluated: it writes a message of a few bytes to the log, and nothing else.
 */
export const flushing = `(select pg_logical_emit_message(true, 'unroll', '') is not null)`;

/** Waits until all that was committed before is on the disk, as well as on a replica that commits wait for. */
export async function flush(dataSource: Pick<DataSource | EntityManager, 'query'>): Promise<void> {
  await dataSource.query(`select ${flushing}`);
}
