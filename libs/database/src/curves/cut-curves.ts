import type { EntityManager } from 'typeorm';

/**
 * Cuts the curves and observations of claimed trials to what precedes their checkpoints, in the claim's transaction: a trial without a
 * checkpoint keeps nothing. The primary key of metric_chunks finds the rows.
 */
export async function cutCurves(manager: EntityManager, trialIds: readonly string[]): Promise<void> {
  await manager.query(
    `delete from metric_chunks using trials
     where trial_id = trials.id and trial_id = any($1) and first_update > checkpoint_update`,
    [trialIds],
  );
  await manager.query(
    `delete from diagnostics using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
    [trialIds],
  );
  await manager.query(
    `delete from samples using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
    [trialIds],
  );
  // Snapshots are taken at the end of training only.
  await manager.query(`delete from snapshots where trial_id = any($1)`, [trialIds]);
  await manager.query(
    `with cut as (
       select trial_id, name, first_update,
              (select count(*)::integer from unnest(own.updates) as point where point <= checkpoint_update) as kept
       from metric_chunks own join trials on trials.id = trial_id
       where trial_id = any($1) and own.updates[array_length(own.updates, 1)] > checkpoint_update
     )
     update metric_chunks as chunk set updates = chunk.updates[1:kept], values = chunk.values[1:kept] from cut
     where chunk.trial_id = cut.trial_id and chunk.name = cut.name and chunk.first_update = cut.first_update`,
    [trialIds],
  );
}
