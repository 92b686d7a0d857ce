import { memoryClasses, type LaneNeeds } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { fleetMayHold } from '../memory/may-hold';

/** Days for which the needs of a signature are kept: a trainer notes them again. */
const keptDays = 30;

/** Notes what a lane of a signature takes: claims then go by it. */
export async function noteNeeds(dataSource: DataSource, signature: string, { bytes, least }: LaneNeeds): Promise<void> {
  const most = Math.max(...memoryClasses.map((name) => bytes[name]));
  await dataSource.query(
    `insert into signature_memory (signature, bytes, least, most) values ($1, $2, $3, $4) on conflict do nothing`,
    [signature, bytes, least, most],
  );
}

/** Whether a worker other than `workerId` may hold a lane with these needs: one of the fleet, or one that left within a day. */
export async function isHeldByOther(dataSource: DataSource, { least }: LaneNeeds, workerId: string): Promise<boolean> {
  const [row] = await dataSource.query<[{ held: boolean }]>(
    `select ${fleetMayHold('fleet_memory($2)', '$1::jsonb')} as held`,
    [least, workerId],
  );
  return row.held;
}

/** Forgets what is no longer needed: workers that were not seen for `seconds`, memory of those that left, and old needs. */
export async function forgetFleet(manager: Pick<DataSource, 'query'>, seconds: number): Promise<void> {
  for (const [table, column, kept] of [
    ['workers', 'last_seen', seconds],
    ['departed_memory', 'left_at', seconds],
    ['signature_memory', 'noted_at', keptDays * 86_400],
  ] as const)
    await manager.query(`delete from ${table} where ${column} < clock_timestamp() - make_interval(secs => $1)`, [kept]);
}
