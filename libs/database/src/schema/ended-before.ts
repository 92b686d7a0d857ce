/**
 * A number below which every transaction that can have written here has ended, as the statement sees it: whoever has read up to it misses
 * nothing. `pg_snapshot_xmin` is not it: a server numbers the transactions of all its databases in one sequence, so that a long one of
 * another database would hold up boards and the live channel. Those of which PostgreSQL says that they belong to another database do not
 * count. It is stable, since it must be of the snapshot of the statement that reads up to it.
 */
export const endedBefore = `create or replace function ended_before() returns bigint language plpgsql stable as $$
  declare
    own oid := (select oid from pg_database where datname = current_database());
  begin
    return least(
      pg_current_xact_id_if_assigned()::text::bigint,
      pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
      (select min(xid::text::bigint) from pg_snapshot_xip(pg_current_snapshot()) as xid where xid::text::bigint % 4294967296 not in (
        select backend_xid::text::bigint from pg_stat_get_activity(null) where backend_xid is not null and datid not in (0, own)
        union all
        select transaction::text::bigint from pg_prepared_xact() where dbid <> own
      ))
    );
  end $$`;
