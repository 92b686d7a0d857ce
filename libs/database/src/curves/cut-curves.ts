/**
 * SQL, a statement: cuts the curves and observations of the trials of an array to what precedes their checkpoints: a trial without a
 * checkpoint keeps nothing. The primary keys find the rows.
 */
export const cutCurves = (trials: string): string => `
  with later_chunks as (
    delete from metric_chunks using trials
    where trial_id = trials.id and trial_id = any(${trials}) and first_update > checkpoint_update
  ), later_diagnostics as (
    delete from diagnostics using trials where trial_id = trials.id and trial_id = any(${trials}) and update > checkpoint_update
  ), later_samples as (
    delete from samples using trials where trial_id = trials.id and trial_id = any(${trials}) and update > checkpoint_update
  ), -- Snapshots are taken at the end of training only.
  all_snapshots as (
    delete from snapshots where trial_id = any(${trials})
  ), cut as (
    select trial_id, name, first_update,
           (select count(*)::integer from unnest(own.updates) as point where point <= checkpoint_update) as kept
    from metric_chunks own join trials on trials.id = trial_id
    where trial_id = any(${trials}) and first_update <= checkpoint_update and own.updates[array_length(own.updates, 1)] > checkpoint_update
  )
  update metric_chunks as chunk set updates = chunk.updates[1:kept], values = chunk.values[1:kept] from cut
  where chunk.trial_id = cut.trial_id and chunk.name = cut.name and chunk.first_update = cut.first_update`;
