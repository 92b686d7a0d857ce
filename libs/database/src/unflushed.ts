/**
 * SQL: a table expression of one row, with which a statement that is a transaction by itself does not wait until its commit is on the disk.
 * A later commit that waits flushes it too, since PostgreSQL writes its log in order; a crash before that, within three times
 * `wal_writer_delay`, undoes it as a whole. For what is harmless to lose then.
 */
export const unflushed = `unflushed as (select set_config('synchronous_commit', 'off', true))`;
