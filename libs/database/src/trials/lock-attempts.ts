import type { EntityManager } from 'typeorm';

/**
 * SQL: attempts by their ids, in their order, for functions whose plans are kept. The state is looked at outside, behind `offset 0`: with
 * it inside, a plan from when the table was small reads an index of all that run in the fleet.
 */
export const attemptsById = (ids: string, lock = ''): string =>
  `select id, state, group_id, lease_until from attempts where id = any(${ids}) order by id offset 0 ${lock}`;

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
