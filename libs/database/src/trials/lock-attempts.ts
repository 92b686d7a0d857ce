import type { EntityManager } from 'typeorm';

/**
 * The fence: those of these attempts that still run, locked in the order of their ids until the transaction ends. A worker writes for no
 * others.
 */
export async function lockAttempts(manager: EntityManager, attemptIds: readonly string[]): Promise<Set<string>> {
  const rows = await manager.query<{ id: string }[]>(
    `select id from attempts where id = any($1) and state = 'running' order by id for update`,
    [attemptIds],
  );
  return new Set(rows.map(({ id }) => id));
}
