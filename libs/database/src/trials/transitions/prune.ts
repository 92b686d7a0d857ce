import type { EntityManager } from 'typeorm';
import { secondsWith } from '../trained-seconds';

/**
 * Prunes the trials of attempts whose rows the caller has locked, and the other seeds of their configurations: those that have not started,
 * and those that run elsewhere and whose rows nobody has locked. A seed whose worker is writing at this moment ends with its next report:
 * waiting for it here, where it may wait for this rung, would be a deadlock.
 */
export async function pruneTrials(
  manager: EntityManager,
  attemptIds: readonly string[],
  message: string,
): Promise<void> {
  await manager.query(
    `with own as (
       select sweep_id, configuration from attempts join trials on trials.id = trial_id where attempts.id = any($1)
     ), others as (
       select attempts.id from attempts join trials on trials.id = trial_id join own using (sweep_id, configuration)
       where attempts.state = 'running' and trials.state = 'running' order by attempts.id for update of attempts skip locked
     ), ended as (
       update attempts set state = 'succeeded', finished_at = clock_timestamp(), message = $2
       where id = any($1) or id in (select id from others) returning trial_id, started_at
     ), pruned as (
       update trials set state = 'pruned', finished_at = clock_timestamp(), message = $2, checkpoint = null, checkpoint_update = 0,
              seconds = ${secondsWith('ended.started_at')}
       from ended where trials.id = ended.trial_id returning sweep_id, configuration
     )
     update trials set state = 'pruned', finished_at = clock_timestamp(), message = $2
     from pruned where trials.sweep_id = pruned.sweep_id and trials.configuration = pruned.configuration
       and trials.state = 'pending'`,
    [attemptIds, message],
  );
}

/** Prunes the seeds of a configuration that wait for a paired test. */
export async function pruneHeldSeeds(
  manager: EntityManager,
  { sweepId, configuration }: { sweepId: string; configuration: number },
  message: string,
): Promise<void> {
  await manager.query(
    `update trials set state = 'pruned', finished_at = clock_timestamp(), message = $3
     where sweep_id = $1 and configuration = $2 and state = 'pending' and held`,
    [sweepId, configuration, message],
  );
}
