import type { EntityManager } from 'typeorm';
import type { CurvePoints } from './commit-work';

/**
 * Cuts the curves of claimed trials to what their checkpoints have behind them, in the claim's transaction: a trial without a
 * checkpoint keeps nothing. The primary key of metric_chunks finds the rows.
 */
export async function cutCurves(manager: EntityManager, trialIds: readonly string[]): Promise<void> {
  await manager.query(
    `delete from metric_chunks using trials
     where trial_id = trials.id and trial_id = any($1) and first_update > checkpoint_update`,
    [trialIds],
  );
  // What was said of the network's inside at a report goes with it; snapshots are of the end.
  await manager.query(
    `delete from diagnostics using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
    [trialIds],
  );
  await manager.query(
    `delete from samples using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
    [trialIds],
  );
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

/** The curves of trials, by trial, their chunks joined. */
export async function readCurves(
  manager: EntityManager,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, CurvePoints[]>> {
  const chunks = await manager.query<(CurvePoints & { trial_id: string })[]>(
    `select trial_id, name, updates, values from metric_chunks where trial_id = any($1) order by trial_id, name, first_update`,
    [trialIds],
  );
  const curves = new Map<string, CurvePoints[]>();
  for (const { trial_id: trialId, name, updates, values } of chunks) {
    const own = curves.get(trialId) ?? [];
    curves.set(trialId, own);
    const last = own.at(-1);
    if (last?.name !== name) own.push({ name, updates, values });
    else own[own.length - 1] = { name, updates: [...last.updates, ...updates], values: [...last.values, ...values] };
  }
  return curves;
}
