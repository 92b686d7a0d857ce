import type { EntityManager } from 'typeorm';
import { seedsOf } from '../../seeds-of';
import { secondsWith } from '../trained-seconds';

/** An attempt that ends at a rung, where its trial stops and may resume later. */
export interface Frozen {
  attemptId: string;
  trialId: string;
  checkpoint: string;
  update: number;
  message: string;
}

/** Stops trials at a rung, whose attempts the caller has locked: they keep the checkpoint from which they can resume. */
export async function freezeTrials(manager: EntityManager, frozen: readonly Frozen[]): Promise<void> {
  const rows = frozen.map(({ attemptId, trialId, checkpoint, update, message }) => ({
    ...{ attempt_id: attemptId, trial_id: trialId, checkpoint, update, message },
  }));
  await manager.query(
    `with row as (
       select * from json_to_recordset($1::json) as row (attempt_id text, trial_id text, checkpoint text, update integer, message text)
     ), ended as (
       update attempts set state = 'succeeded', finished_at = clock_timestamp(), message = row.message
       from row where attempts.id = row.attempt_id returning attempts.trial_id, attempts.started_at
     )
     update trials set state = case when sweeps.state in ('running', 'paused') then 'pruned' else 'cancelled' end,
            finished_at = clock_timestamp(), message = row.message, checkpoint = row.checkpoint, checkpoint_update = row.update,
            seconds = ${secondsWith('ended.started_at')}
     from row, ended, sweeps where trials.id = row.trial_id and ended.trial_id = trials.id and sweeps.id = trials.sweep_id`,
    [JSON.stringify(rows)],
  );
}

/** Lets stopped configurations of an open sweep resume from their checkpoints: those of their trials that are stopped. */
export async function thawConfigurations(
  manager: EntityManager,
  sweepId: string,
  thawed: readonly { configuration: number; why: string }[],
): Promise<void> {
  await manager.query(
    `update trials set state = 'pending', finished_at = null, message = row.why
     from json_to_recordset($2::json) as row (configuration integer, why text), sweeps
     where trials.sweep_id = $1 and ${seedsOf('row.configuration', '$1')} and trials.state = 'pruned'
       and checkpoint is not null and sweeps.id = $1 and sweeps.state in ('running', 'paused')`,
    [sweepId, JSON.stringify(thawed)],
  );
}
