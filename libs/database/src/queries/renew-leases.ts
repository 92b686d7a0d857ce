import type { DataSource } from 'typeorm';

/**
 * Renews the leases of a worker's attempts, in one statement. The answer lists the attempts that are still live: one
 * that is missing was cancelled or given to another worker. A lease that ran out but was not reaped is renewed too.
 */
export async function renewLeases(
  dataSource: DataSource,
  attemptIds: readonly string[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const [rows] = await dataSource.query<[{ id: string }[], number]>(
    `with live as (
       select id from attempts where id = any($1) and state = 'running' order by id for update
     )
     update attempts set lease_until = clock_timestamp() + make_interval(secs => $2)
     from live where attempts.id = live.id returning attempts.id`,
    [attemptIds, leaseSeconds],
  );
  return new Set(rows.map(({ id }) => id));
}
