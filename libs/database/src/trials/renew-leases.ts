import type { DataSource } from 'typeorm';
import { lostAttempts, type LostAttempts } from './lost-attempts';

/**
 * Renews the leases of a worker's attempts in one statement, and returns those that it no longer holds. A lease that ran out but was not
 * reaped is renewed too.
 */
export async function renewLeases(
  dataSource: DataSource,
  attemptIds: readonly string[],
  leaseSeconds: number,
): Promise<LostAttempts> {
  const [rows] = await dataSource.query<[{ id: string }[], number]>(
    `with live as (
       select id from attempts where id = any($1) and state = 'running' order by id for update
     )
     update attempts set lease_until = clock_timestamp() + make_interval(secs => $2)
     from live where attempts.id = live.id returning attempts.id`,
    [attemptIds, leaseSeconds],
  );
  const live = new Set(rows.map(({ id }) => id));
  return lostAttempts(
    dataSource,
    attemptIds.filter((id) => !live.has(id)),
  );
}
