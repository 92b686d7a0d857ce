import type { DataSource } from 'typeorm';
import { withinQuotas } from '../shares/quota-reached';
import { claimable } from '../trials/transitions/claim';

/** The fleet at one moment, for those who watch it. */
export interface FleetFigures {
  /** Trials that a worker could claim now: pending, where limit and quotas leave room. Not those of studies. */
  claimable: number;
  /** Trials that workers train. */
  running: number;
  sweepsRunning: number;
  /** Running attempts whose lease has run out: they are about to be reaped, unless their worker renews it. */
  leasesExpired: number;
  /** Seconds for which the oldest claimable trial has waited; 0 without one. */
  oldestWait: number;
  workers: number;
  slots: number;
  lanes: number;
  /** Processes that hold the scheduler's lock: 1, or 0 while another takes over. */
  leaders: number;
  /** Connections to this database. */
  connections: number;
}

/**
 * Counts open work and live workers. Partial indexes hold the trials and attempts that are open; ended ones are not read. `leaderLock`: of
 * the scheduler.
 */
export async function fleetFigures(
  dataSource: DataSource,
  workerSeconds: number,
  leaderLock: number,
): Promise<FleetFigures> {
  const [row] = await dataSource.query<[FleetFigures]>(
    `select waiting.count::integer as claimable, waiting.oldest as "oldestWait",
            (select count(*) from trials join sweeps on sweeps.id = sweep_id where trials.state = 'running' and asked is null)::integer as running,
            (select count(*) from sweeps where state = 'running')::integer as "sweepsRunning",
            (select count(*) from attempts where state = 'running' and lease_until < clock_timestamp())::integer as "leasesExpired",
            fleet.workers, fleet.slots, fleet.lanes,
            (select count(*) from pg_locks where locktype = 'advisory' and granted and objid = $2
               and database = (select oid from pg_database where datname = current_database()))::integer as leaders,
            (select count(*) from pg_stat_activity where datname = current_database())::integer as connections
     from (
       select coalesce(sum(least(pending.count, room)), 0) as count,
              coalesce(extract(epoch from clock_timestamp() - min(pending.oldest)), 0)::double precision as oldest
       from sweeps cross join lateral (
         select concurrent_trials - (select count(*) from trials where sweep_id = sweeps.id and state = 'running') as room
       ) own cross join lateral (
         select count(*) as count, min(created_at) as oldest from trials where sweep_id = sweeps.id and ${claimable}
       ) pending
       where sweeps.state = 'running' and asked is null and coalesce(room > 0, true) and ${withinQuotas}
     ) waiting, (
       select count(*)::integer as workers, coalesce(sum(slots), 0)::integer as slots, coalesce(sum(slots * lanes), 0)::integer as lanes
       from workers where last_seen > clock_timestamp() - make_interval(secs => $1)
     ) fleet`,
    [workerSeconds, leaderLock],
  );
  return row;
}
