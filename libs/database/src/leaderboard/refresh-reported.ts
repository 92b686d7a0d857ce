import type { EntityManager } from 'typeorm';
import { unflushed } from '../unflushed';

/**
 * Brings leaderboards and the live channel up to date with what running trials have reported since `since`, a transaction as text; returns
 * where the next call goes on. '0': everything. It does not wait for the disk: who calls it begins anew where the connection was lost.
 */
export async function refreshReported(manager: Pick<EntityManager, 'query'>, since: string): Promise<string> {
  const [row] = await manager.query<{ upto: string }[]>(
    `with ${unflushed} select refresh_reported($1) as upto from unflushed`,
    [since],
  );
  return row!.upto;
}
