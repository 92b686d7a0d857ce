import type { EntityManager } from 'typeorm';
import { cutCurves } from '../curves/cut-curves';

/** SQL: the points of the objective that count at a trial's checkpoint, with those of a state that it copied. */
const points = `select point.update, point.value from metric_chunks chunk cross join unnest(chunk.updates, chunk.values) as point (update, value)
         where chunk.trial_id = own.id and chunk.name = objective ->> 'metric'
           and point.update > coalesce((own.adopted ->> 'update')::integer, 0)
         union all select (own.adopted ->> 'update')::integer, (own.adopted -> 'metrics' ->> (objective ->> 'metric'))::double precision
         where own.adopted is not null`;

/** SQL: all finite metrics that a trial has at an update. */
const metricsAt = (update: string): string => `select jsonb_object_agg(chunk.name, point.value) from metric_chunks chunk
         cross join unnest(chunk.updates, chunk.values) as point (update, value)
         where chunk.trial_id = own.id and point.update = ${update} and abs(point.value) < 'Infinity'`;

/**
 * Brings trials that wait again to what their checkpoints have, as a worker that continues them begins with: the standing of the curve up
 * to there (`standingAfter` of libs/search), and nothing if they start over. What was reported beyond is trained again. By primary keys.
 */
export async function standAtCheckpoint(manager: EntityManager, trialIds: readonly string[]): Promise<void> {
  if (trialIds.length === 0) return;
  await manager.query(cutCurves('$1'), [trialIds]);
  await manager.query(
    `update trials set updates = trials.checkpoint_update, value = reached.value, metrics = coalesce(reached.metrics, '{}')
     from trials own join sweeps on sweeps.id = own.sweep_id
     cross join lateral (select case objective ->> 'goal' when 'maximize' then -1 else 1 end as sign) goal
     left join lateral (
       select value, case when update = (own.adopted ->> 'update')::integer then (own.adopted -> 'metrics')::jsonb
           else (${metricsAt('seen.update')}) end as metrics
       from (
         ${points}
       ) seen where value <> 'NaN' and value * sign <> '-Infinity'
       order by case when objective ->> 'use' = 'last' then -update end, value * sign, update limit 1
     ) reached on true
     where trials.id = own.id and own.id = any($1)`,
    [trialIds],
  );
}
