import type { EntityManager } from 'typeorm';
import { lockAttempts } from './lock-attempts';
import { storable } from './storable';

/** Crashes after which a trial has failed. */
const mostCrashes = 3;
/** Leases that a trial may lose before it counts as failed: its workers die, which is seldom its own fault. */
const mostLosses = 20;

/**
 * Ends attempts without a result: their trials become pending again, or failed after too many. `lost` is a lease that
 * ran out, `failed` a crash of the trainer, `released` a worker that shuts down. Attempts that no longer run are left alone.
 */
export async function giveUpAttempts(
  manager: EntityManager,
  attemptIds: readonly string[],
  state: 'lost' | 'failed' | 'released',
  message: string,
): Promise<string[]> {
  const live = [...(await lockAttempts(manager, attemptIds))];
  if (live.length === 0) return [];
  await manager.query(
    `update attempts set state = $2, message = $3, finished_at = clock_timestamp() where id = any($1)`,
    [live, state, storable(message)],
  );
  await manager.query(
    `with ended as (
       select trial_id, (select count(*) filter (where earlier.state = 'failed') >= $2 or
                                count(*) filter (where earlier.state = 'lost') >= $3
                         from attempts earlier where earlier.trial_id = attempts.trial_id) as spent
       from attempts where id = any($1)
     )
     update trials set state = case when spent then 'failed' else 'pending' end, message = $4,
            finished_at = case when spent then clock_timestamp() end
     from ended where trials.id = ended.trial_id and trials.state = 'running'`,
    [live, mostCrashes, mostLosses, storable(message)],
  );
  return live;
}

/** Ends the attempts whose lease ran out; returns how many. For the leader alone. */
export async function reapLostAttempts(manager: EntityManager): Promise<number> {
  // attempts_by_lease holds running attempts alone.
  const rows = await manager.query<{ id: string }[]>(
    `select id from attempts where state = 'running' and lease_until < clock_timestamp() order by id limit 1000`,
  );
  if (rows.length === 0) return 0;
  const ended = await manager.transaction((inner) =>
    giveUpAttempts(
      inner,
      rows.map(({ id }) => id),
      'lost',
      'the worker was not heard of for a whole lease',
    ),
  );
  return ended.length;
}
