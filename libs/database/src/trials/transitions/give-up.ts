import type { TrialState } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { storable } from '../../storable';
import { standAtCheckpoint } from '../at-checkpoint';
import { lockAttempts } from '../lock-attempts';

/** Crashes alone in a trainer after which a trial fails. */
const mostCrashes = 3;
/** Leases that a trial may lose before it fails: its workers die, which is rarely its own fault. */
const mostLosses = 20;

/** Why attempts end without a result, and how their trials' next attempts are run. */
export interface GivenUp {
  /** A lease that ran out (reap), a crash or stall of the trainer (crash), a worker that shuts down or cannot continue (release). */
  state: 'lost' | 'failed' | 'released';
  message: string;
  /** The last lines of a trainer that crashed. */
  log?: string | undefined;
  /** Lanes of the group that the next attempt may be in; undefined: as many as before, and 1 after a crash in a shared trainer. */
  mostLanes?: number | undefined;
  /** The checkpoint to continue from is missing or damaged: the next attempt starts over. */
  forget?: boolean | undefined;
}

/**
 * Ends attempts without a result: their trials become pending again, with what their checkpoints have, or fail after too many. A crash
 * counts if the trial was alone in its trainer; after a crash in a shared one each trial runs alone, so that none fails because of a
 * neighbour. The decisions of a population depend on who reaches a rung with whom: it goes on together, and alone after a second crash
 * from the same checkpoint. Attempts that no longer run are left alone. Returns those that were ended.
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
  const [given] = await manager.query<[{ id: string; state: TrialState }[], number]>(
    `with ended as (
       select trial_id, case when attempts.state = 'failed' and attempts.lanes > 1 and
                (sweeps.spec->'stopping'->>'rule' is distinct from 'population' or
                 exists (select from attempts earlier where earlier.trial_id = trials.id and earlier.id <> attempts.id and
                   earlier.state = 'failed' and earlier.lanes > 1 and earlier.resumed_from = attempts.resumed_from))
                then 1 else $5 end as limit_to,
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
     from ended where trials.id = ended.trial_id and trials.state = 'running' returning trials.id, trials.state`,
    [live, mostCrashes, mostLosses, storable(message), mostLanes ?? null, forget],
  );
  await standAtCheckpoint(
    manager,
    given.filter(({ state: now }) => now === 'pending').map(({ id }) => id),
  );
  return live;
}

/**
 * Ends the attempts whose lease ran out; returns how many. Only the leader calls it, and makes sure that nobody loses a lease to an
 * outage; a server that started within the last `leaseSeconds` was out too, whoever holds the connection. `observedAt`: the database's time
 * in seconds at which the caller made sure of that. A clock that is set on after it takes no lease.
 */
export async function reapLostAttempts(
  manager: EntityManager,
  leaseSeconds: number,
  observedAt = Infinity,
): Promise<number> {
  return manager.transaction(async (inner) => {
    // attempts_running holds only running attempts. The lease is checked again under the lock: an attempt renewed meanwhile is left alone.
    const rows = await inner.query<{ id: string }[]>(
      `select id from attempts where state = 'running' and lease_until < least(clock_timestamp(), to_timestamp($2))
         and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => $1)
       order by id limit 1000 for update skip locked`,
      [leaseSeconds, observedAt],
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length > 0)
      await giveUpAttempts(inner, ids, { state: 'lost', message: 'the worker did not renew its lease' });
    return ids.length;
  });
}
