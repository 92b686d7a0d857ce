import type { SweepState } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** Adds the present stretch of running to `ran_seconds`, and stops the clock. */
export const stopClock = `ran_seconds = ran_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0), running_since = null`;

/**
 * Ends a sweep whose row the caller has locked, its trials and their attempts; later results are refused by the fence.
 * Attempts are locked before trials, as everywhere.
 */
export async function endSweep(
  manager: EntityManager,
  sweepId: string,
  state: Exclude<SweepState, 'running' | 'paused'>,
  message: string | null = null,
): Promise<void> {
  await manager.query(
    `update sweeps set state = $2, message = $3, finished_at = clock_timestamp(), ${stopClock} where id = $1`,
    [sweepId, state, message],
  );
  await manager.query(
    `with live as (
       select attempts.id from attempts join trials on trials.id = trial_id
       where sweep_id = $1 and trials.state = 'running' and attempts.state = 'running' order by attempts.id for update of attempts
     )
     update attempts set state = 'cancelled', finished_at = clock_timestamp() from live where attempts.id = live.id`,
    [sweepId],
  );
  await manager.query(
    `update trials set state = 'cancelled', finished_at = clock_timestamp() where sweep_id = $1 and state in ('pending', 'running')`,
    [sweepId],
  );
}
