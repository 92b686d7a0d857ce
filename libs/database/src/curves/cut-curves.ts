/**
 * SQL: cuts the curves and observations of the trials `$1` to what precedes their checkpoints, as parts of a statement in the claim's
 * transaction: a trial without a checkpoint keeps nothing. The primary keys find the rows.
 */
export const cutCurves = `
  later_chunks as (
    delete from metric_chunks using trials
    where trial_id = trials.id and trial_id = any($1) and first_update > checkpoint_update
  ), later_diagnostics as (
    delete from diagnostics using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update
  ), later_samples as (
    delete from samples using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update
  ), -- Snapshots are taken at the end of training only.
  all_snapshots as (
    delete from snapshots where trial_id = any($1)
  ), cut as (
    select trial_id, name, first_update,
           (select count(*)::integer from unnest(own.updates) as point where point <= checkpoint_update) as kept
    from metric_chunks own join trials on trials.id = trial_id
    where trial_id = any($1) and first_update <= checkpoint_update and own.updates[array_length(own.updates, 1)] > checkpoint_update
  ), cut_chunks as (
    update metric_chunks as chunk set updates = chunk.updates[1:kept], values = chunk.values[1:kept] from cut
    where chunk.trial_id = cut.trial_id and chunk.name = cut.name and chunk.first_update = cut.first_update
  )`;
