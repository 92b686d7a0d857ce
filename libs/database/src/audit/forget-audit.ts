import type { EntityManager } from 'typeorm';

/** Deletes entries of the audit that are older than this. It scans the audit, which is small beside what it tells about. */
export async function forgetAudit(manager: EntityManager, days: number): Promise<void> {
  await manager.query(`delete from audit where at < clock_timestamp() - make_interval(secs => $1 * 86400.0)`, [days]);
}
