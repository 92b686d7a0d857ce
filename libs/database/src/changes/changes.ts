import type { DataSource, EntityManager } from 'typeorm';
import type { LiveTrial } from '@unroll/contracts';

/** The number of a change: its transaction, and its place among all. As texts: PostgreSQL's are larger than JavaScript's numbers. */
export interface ChangeNumber {
  xid: string;
  sequence: string;
}

export interface ChangeRow extends ChangeNumber {
  kind: 'sweep' | 'trial' | 'worker';
  id: string;
  sweepId: string | null;
}

/** Where changes that are yet to come begin: the oldest transaction that is still open. */
export async function changesBegin(dataSource: DataSource): Promise<ChangeNumber> {
  const [row] = await dataSource.query<{ xid: string }[]>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as xid`,
  );
  return { xid: row!.xid, sequence: '0' };
}

/**
 * Changes after this one, in order, of transactions older than any that is still open: none with a lower number can come later, so
 * that a reader who goes on from the last one misses nothing. The primary key is read from there on.
 */
export function changesAfter(
  dataSource: DataSource,
  { xid, sequence }: ChangeNumber,
  most: number,
  sweepId?: string,
): Promise<ChangeRow[]> {
  return dataSource.query(
    `select xid, sequence, kind, id, sweep_id as "sweepId" from changes
     where (xid, sequence) > ($1::bigint, $2::bigint) and xid < (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
       and ($3::text is null or sweep_id = $3) order by xid, sequence limit $4`,
    [xid, sequence, sweepId ?? null, most],
  );
}

/** Whether all changes after this one are still there. One of another server, which this database was restored from, is of no use. */
export async function remembers(dataSource: DataSource, { xid, sequence }: ChangeNumber): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(
    `select from changes where (xid, sequence) <= ($1::bigint, $2::bigint)
       and $1::bigint < (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) order by xid, sequence limit 1`,
    [xid, sequence],
  );
  return rows.length > 0;
}

/**
 * Forgets changes that are older than this, but for the last of them: it says that nothing after it is missing. Those of a
 * server that this database was restored from have numbers yet to come, and go too.
 */
export async function forgetChanges(manager: EntityManager, seconds: number): Promise<void> {
  await manager.query(
    `with oldest as (
       select xid, sequence from changes where at < clock_timestamp() - make_interval(secs => $1)
         and xid < coalesce((select min(xid) from changes where at >= clock_timestamp() - make_interval(secs => $1)), 9223372036854775807)
       order by xid desc, sequence desc limit 1
     )
     delete from changes using oldest where (changes.xid, changes.sequence) < (oldest.xid, oldest.sequence)
       or changes.xid >= (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint)`,
    [seconds],
  );
}

/** Trials as the live channel tells of them. */
export function liveTrials(dataSource: DataSource, ids: readonly string[]): Promise<LiveTrial[]> {
  return dataSource.query(
    `select id, sweep_id as "sweepId", configuration, seed::double precision as seed, state, value, updates, seconds
     from trials where id = any($1)`,
    [ids],
  );
}
