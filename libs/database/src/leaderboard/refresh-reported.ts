import type { EntityManager } from 'typeorm';

/**
 * Brings leaderboards and the live channel up to date with what running trials have reported since `since`, a transaction as text; returns
 * where the next call goes on. '0': everything.
 */
export async function refreshReported(manager: Pick<EntityManager, 'query'>, since: string): Promise<string> {
  const [row] = await manager.query<{ upto: string }[]>('select refresh_reported($1) as upto', [since]);
  return row!.upto;
}
