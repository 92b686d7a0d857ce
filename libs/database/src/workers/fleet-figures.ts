import type { DataSource } from 'typeorm';
import { movedBy } from '../trials/lifecycle';

/** The fleet at one moment, for those who watch it. */
export interface FleetFigures {
  /** Trials that a worker could claim now: pending, in a running sweep. */
  claimable: number;
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
            (select count(*) from trials where state = 'running')::integer as running,
            (select count(*) from sweeps where state = 'running')::integer as "sweepsRunning",
            (select count(*) from attempts where state = 'running' and lease_until < clock_timestamp())::integer as "leasesExpired",
            fleet.workers, fleet.slots, fleet.lanes,
            (select count(*) from pg_locks where locktype = 'advisory' and granted and objid = $2
               and database = (select oid from pg_database where datname = current_database()))::integer as leaders,
            (select count(*) from pg_stat_activity where datname = current_database())::integer as connections
     from (
       select count(*) as count, coalesce(extract(epoch from clock_timestamp() - min(trials.created_at)), 0)::double precision as oldest
       from trials join sweeps on sweeps.id = sweep_id and sweeps.state = 'running'
       where ${movedBy('claim', 'trials.state')} and not held
     ) waiting, (
       select count(*)::integer as workers, coalesce(sum(slots), 0)::integer as slots, coalesce(sum(slots * lanes), 0)::integer as lanes
       from workers where last_seen > clock_timestamp() - make_interval(secs => $1)
     ) fleet`,
    [workerSeconds, leaderLock],
  );
  return row;
}
