import type { DataSource, EntityManager } from 'typeorm';
import type { LiveTrial } from '@unroll/contracts';
import { flushing } from '../unflushed';

/** The number of a change: its transaction, and its place in the sequence. As text: PostgreSQL's numbers exceed JavaScript's. */
export interface ChangeNumber {
  xid: string;
  sequence: string;
}

export interface ChangeRow extends ChangeNumber {
  kind: 'sweep' | 'trial' | 'worker';
  id: string;
  sweepId: string | null;
}

/**
 * The position of future changes: the oldest transaction of this database that is still open. Those before it are on the disk then: a
 * server that crashed gives their numbers to no others.
 */
export async function changesBegin(dataSource: DataSource): Promise<ChangeNumber> {
  const [row] = await dataSource.query<{ xid: string }[]>(`select ended_before()::text as xid, ${flushing} as flushed`);
  return { xid: row!.xid, sequence: '0' };
}

/**
 * Changes after this one, in order, of transactions older than any that is still open: none with a lower number can appear later, so a
 * reader who continues from the last one misses nothing. The primary key is scanned from there. Of a team: changes of its sweeps
 * and trials, where the audit tells whose a deleted sweep was, and of all workers. They are on the disk when they are returned, for the
 * same reason as above: not all transactions wait for that.
 */
export function changesAfter(
  dataSource: DataSource,
  { xid, sequence }: ChangeNumber,
  most: number,
  { teamId, sweepId }: { teamId?: string; sweepId?: string } = {},
): Promise<ChangeRow[]> {
  return dataSource.query(
    `select xid, sequence, kind, id, sweep_id as "sweepId", ${flushing} as flushed from changes
     where (xid, sequence) > ($1::bigint, $2::bigint) and xid < (select ended_before())
       and ($3::text is null or sweep_id = $3) and ($5::text is null or kind = 'worker' or $5 = coalesce(
         (select team_id from sweeps where sweeps.id = sweep_id),
         (select team_id from audit where target = sweep_id and action = 'sweep.delete' limit 1)))
     order by xid, sequence limit $4`,
    [xid, sequence, sweepId ?? null, most, teamId ?? null],
  );
}

/**
 * Whether all changes after this one are still stored. A number from another server, from which this database was restored, is not valid.
 */
export async function remembers(dataSource: DataSource, { xid, sequence }: ChangeNumber): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(
    `select from changes where (xid, sequence) <= ($1::bigint, $2::bigint)
       and $1::bigint < (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) order by xid, sequence limit 1`,
    [xid, sequence],
  );
  return rows.length > 0;
}

/**
 * Deletes changes that are older than this, except the last of them, which proves that nothing after it is missing. Changes of a server
 * from which this database was restored have numbers in the future, and are deleted too.
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

/** Trials as the live channel sends them. */
export function liveTrials(dataSource: DataSource, ids: readonly string[]): Promise<LiveTrial[]> {
  return dataSource.query(
    `select id, sweep_id as "sweepId", configuration, seed::double precision as seed, state, value, updates, seconds
     from trials where id = any($1)`,
    [ids],
  );
}
