import { isResuming, stoppingRuleNames } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** Points that a curve keeps at most, beside its last and its two extremes: more than any picture of it shows. */
export const keptPoints = 500;
/** The same of the diagnostics of a trial, beside its last. */
export const keptDiagnostics = 50;
/** Trials that are thinned at a time: some ten milliseconds. */
const batch = 100;

/** Rules that may go on with a trial of a sweep that is reopened, from its curve. */
const resuming = stoppingRuleNames.filter(isResuming);

/**
 * Thins what sweeps that ended more than `days` ago have stored in detail, a batch of trials at a time; oldest sweep first. Of a longer
 * curve, evenly spaced points remain, with the last, the lowest and the highest; of diagnostics, evenly spaced ones and the last; of texts
 * that a network wrote, the last; its activations and the logs of its trainers are forgotten. Values of trials, verdicts and models are not
 * touched. Returns whether there may be more to do.
 */
export async function thinSweeps(manager: EntityManager, days: number): Promise<boolean> {
  const [sweep] = await manager.query<{ id: string; from: number }[]>(
    `select id, thinned as from from sweeps
     where finished_at < clock_timestamp() - make_interval(days => $1) and thinned < total
       and coalesce(spec -> 'stopping' ->> 'rule', '') <> all($2)
     order by finished_at, id limit 1`,
    [days, resuming],
  );
  if (!sweep) return false;
  await manager.transaction(async (inner) => {
    // A sweep that runs again meanwhile begins anew.
    const [, count] = await inner.query<[unknown[], number]>(
      `update sweeps set thinned = least(total, $2 + ${batch}) where id = $1 and thinned = $2 and finished_at is not null`,
      [sweep.id, sweep.from],
    );
    if (count === 0) return;
    await inner.query(thinCurves, [sweep.id, sweep.from, keptPoints]);
    await inner.query(thinDiagnostics, [sweep.id, sweep.from, keptDiagnostics]);
    for (const statement of [lastSamples, noSnapshots]) await inner.query(statement, [sweep.id, sweep.from]);
    await inner.query(
      `update attempts set log = null from trials
       where trials.id = trial_id and sweep_id = $1 and number >= $2 and number < $2 + ${batch} and log is not null`,
      [sweep.id, sweep.from],
    );
  });
  return true;
}

/** The trials of a batch; trials_of_sweep finds them. */
const own = `select id from trials where sweep_id = $1 and number >= $2 and number < $2 + ${batch}`;

const thinDiagnostics = `with places as (
    select trial_id, update, row_number() over (partition by trial_id order by update) as place, count(*) over (partition by trial_id) as total
    from diagnostics where trial_id in (${own})
  )
  delete from diagnostics using places
  where diagnostics.trial_id = places.trial_id and diagnostics.update = places.update
    and (place - 1) % ceil(total::double precision / $3)::integer <> 0 and place <> total`;

const lastSamples = `delete from samples where trial_id in (${own})
  and exists (select from samples later where later.trial_id = samples.trial_id and later.place > samples.place)`;

const noSnapshots = `delete from snapshots where trial_id in (${own})`;

/** The first chunk of a curve takes all that remains. trials_of_sweep and the primary key of metric_chunks find the rows. */
const thinCurves = `with own as (${own}), curves as (
    select trial_id, name, min(first_update) as first from metric_chunks join own on own.id = trial_id
    group by trial_id, name having sum(cardinality(updates)) > $3
  ), points as (
    select trial_id, name, first, update, value,
           row_number() over (partition by trial_id, name order by update) as place,
           count(*) over (partition by trial_id, name) as total,
           row_number() over (partition by trial_id, name order by value, update) as rise
    from curves join metric_chunks using (trial_id, name) cross join unnest(updates, values) as point (update, value)
  ), thinned as (
    select trial_id, name, first, array_agg(update order by update) as updates, array_agg(value order by update) as values from points
    where (place - 1) % ceil(total::double precision / $3)::integer = 0 or place = total or rise in (1, total)
    group by trial_id, name, first
  ), removed as (
    delete from metric_chunks using thinned
    where metric_chunks.trial_id = thinned.trial_id and metric_chunks.name = thinned.name and first_update > first
  )
  update metric_chunks set updates = thinned.updates, values = thinned.values from thinned
  where metric_chunks.trial_id = thinned.trial_id and metric_chunks.name = thinned.name and first_update = first`;
