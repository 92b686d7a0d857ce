import type { EntityManager } from 'typeorm';
import { lockAttempts } from './lock-attempts';
import { storable } from './storable';

/** Crashes alone in a trainer after which a trial has failed. */
const mostCrashes = 3;
/** Leases that a trial may lose before it counts as failed: its workers die, which is seldom its own fault. */
const mostLosses = 20;

/** Why attempts end without a result, and what their trials' next attempts are to be like. */
export interface GivenUp {
  /** A lease that ran out, a crash or stall of the trainer, a worker that shuts down or cannot go on. */
  state: 'lost' | 'failed' | 'released';
  message: string;
  /** The last lines of a trainer that crashed. */
  log?: string | undefined;
  /** Lanes that the next attempt may be among; undefined: as many as before, and after a crash that was shared 1. */
  mostLanes?: number | undefined;
  /** The checkpoint to go on from is gone or damaged: the next attempt begins anew. */
  forget?: boolean | undefined;
}

/**
 * Ends attempts without a result: their trials become pending again, or failed after too many. A crash counts where the trial was
 * alone in its trainer; one that was shared is followed by attempts alone, so that nobody fails by a neighbour. Attempts that
 * no longer run are left alone. Returns those that were ended.
 */
export async function giveUpAttempts(
  manager: EntityManager,
  attemptIds: readonly string[],
  { state, message, log, mostLanes, forget = false }: GivenUp,
): Promise<string[]> {
  const live = [...(await lockAttempts(manager, attemptIds))];
  if (live.length === 0) return [];
  await manager.query(
    `update attempts set state = $2, message = $3, log = $4, finished_at = clock_timestamp() where id = any($1)`,
    [live, state, storable(message), log === undefined ? null : storable(log)],
  );
  await manager.query(
    `with ended as (
       select trial_id, case when attempts.state = 'failed' and attempts.lanes > 1 then 1 else $5 end as limit_to,
              (select count(*) filter (where earlier.state = 'failed' and earlier.lanes = 1) >= $2 or
                      count(*) filter (where earlier.state = 'lost') >= $3
               from attempts earlier where earlier.trial_id = trials.id
                 and (retried_at is null or earlier.started_at > retried_at)) as spent,
              sweeps.state in ('running', 'paused') as open
       from attempts join trials on trials.id = trial_id join sweeps on sweeps.id = sweep_id where attempts.id = any($1)
     )
     update trials set state = case when spent then 'failed' when open then 'pending' else 'cancelled' end, message = $4,
            finished_at = case when spent or not open then clock_timestamp() end,
            most_lanes = least(most_lanes, limit_to),
            adopted = case when $6 then null else adopted end,
            checkpoint = case when $6 then null else checkpoint end, checkpoint_update = case when $6 then 0 else checkpoint_update end
     from ended where trials.id = ended.trial_id and trials.state = 'running'`,
    [live, mostCrashes, mostLosses, storable(message), mostLanes ?? null, forget],
  );
  return live;
}

/**
 * Ends the attempts whose lease ran out; returns how many. For the leader alone, which sees to it that nobody loses a lease to an
 * outage; a server that started within the last `leaseSeconds` was out too, whoever held the connection.
 */
export async function reapLostAttempts(manager: EntityManager, leaseSeconds: number): Promise<number> {
  return manager.transaction(async (inner) => {
    // attempts_by_lease holds running attempts alone. Locked with its lease still out: one that is renewed meanwhile is left alone.
    const rows = await inner.query<{ id: string }[]>(
      `select id from attempts where state = 'running' and lease_until < clock_timestamp()
         and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => $1)
       order by id limit 1000 for update skip locked`,
      [leaseSeconds],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0)
      await giveUpAttempts(inner, ids, { state: 'lost', message: 'the worker was not heard of for a whole lease' });
    return ids.length;
  });
}
