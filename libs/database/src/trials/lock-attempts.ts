import type { EntityManager } from 'typeorm';

/**
 * SQL: those of some attempts that run, in the order of their ids, for functions whose plans are kept. The state is compared as the value
 * of an expression, so that no index of all that run in the fleet matches: a plan from before the table was analysed would read one whole.
 */
export const runningAttempts = (ids: string, lock = ''): string =>
  `select id, group_id, lease_until from attempts where id = any(${ids}) and state || '' = 'running' order by id ${lock}`;

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
