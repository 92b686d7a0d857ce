import type { EntityManager } from 'typeorm';
import { movedBy } from '../lifecycle';

/**
 * Cancels the open trials of a sweep and their attempts; the fence refuses later results. Attempts are locked before trials, as
 * everywhere.
 */
export async function cancelTrials(manager: EntityManager, sweepId: string): Promise<void> {
  await manager.query(
    `with live as (
       select attempts.id from attempts join trials on trials.id = trial_id
       where sweep_id = $1 and trials.state = 'running' and attempts.state = 'running' order by attempts.id for update of attempts
     )
     update attempts set state = 'cancelled', finished_at = clock_timestamp() from live where attempts.id = live.id`,
    [sweepId],
  );
  await manager.query(
    `update trials set state = 'cancelled', finished_at = clock_timestamp() where sweep_id = $1 and ${movedBy('cancel')}`,
    [sweepId],
  );
}

/** Cancels the trials of a sweep that have not started, or those of them with these numbers; running ones finish. */
export async function withdrawTrials(
  manager: EntityManager,
  sweepId: string,
  numbers: readonly number[] | null = null,
): Promise<void> {
  await manager.query(
    `update trials set state = 'cancelled', finished_at = clock_timestamp()
     where sweep_id = $1 and ${movedBy('withdraw')} and ($2::integer[] is null or number = any($2))`,
    [sweepId, numbers],
  );
}
