import { countFolds, foldVariance, goalSign, type Objective, type SweepSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { seedsOf } from '../seeds-of';
import { endSweep, failSweep } from './end-sweep';
import { isOpen, lockSweep } from './lifecycle';
import { ranOutOfPatience } from './patience';
import { Spreads } from './spreads';

/** Fails sweeps in which more trials failed than the budget allows. trials_by_state counts; few sweeps have this budget. */
export async function failOverspentSweeps(manager: EntityManager): Promise<void> {
  const rows = await manager.query<{ id: string; failed_trials: number; failed: number }[]>(
    `select id, failed_trials, failed from sweeps
     cross join lateral (select count(*)::integer as failed from trials where sweep_id = sweeps.id and state = 'failed') counted
     where sweeps.state in ('running', 'paused') and failed > failed_trials`,
  );
  for (const { id, failed_trials: most, failed } of rows)
    await failSweep(manager, id, `${failed} trials failed, and budget.failedTrials is ${most}`);
}

/**
 * Ends sweeps that have used up their wall time or their GPU hours: open trials are cancelled, and the sweep is completed, with the
 * reason.
 */
export async function endOverspentSweeps(manager: EntityManager): Promise<void> {
  const rows = await overspentSweeps(manager, `state in ('running', 'paused')`);
  for (const { id, reason } of rows) await completeEarly(manager, id, reason);
}

/**
 * Why a sweep that has ended would end again at once if it went on with a trial; undefined if it would not. The trial counts as open.
 */
export async function whyItWouldEnd(
  manager: EntityManager,
  sweepId: string,
  trialId: string | null = null,
): Promise<string | undefined> {
  const [overspent] = await overspentSweeps(manager, 'id = $1', [sweepId]);
  if (overspent) return overspent.reason;
  const [satisfied] = await satisfiedSweeps(manager, 'id = $1', { values: [sweepId], open: trialId });
  if (satisfied) return satisfied.reason;
  const [row] = await manager.query<{ most: number; failed: number }[]>(
    `select failed_trials as most, (select count(*)::integer from trials
       where sweep_id = sweeps.id and state = 'failed' and id is distinct from $2) as failed
     from sweeps where id = $1 and failed_trials is not null`,
    [sweepId, trialId],
  );
  return row && row.failed > row.most
    ? `${row.failed} other trials failed, and budget.failedTrials is ${row.most}`
    : undefined;
}

/**
 * SQL: trainer seconds of a sweep with budget.gpuHours, however many attempts have ended: what the leader has added up of them
 * (fold-usage.ts), what has ended since, and what runs, which trials_by_state and attempts_running_once find.
 */
const usedSeconds = `(coalesce((select seconds from sweep_usage where sweep_id = sweeps.id), 0)
         + coalesce((select sum(seconds) from sweep_usage_log where sweep_id = sweeps.id), 0)
         + coalesce((select sum(extract(epoch from clock_timestamp() - running.started_at) / running.lanes)
             from trials own join attempts running on trial_id = own.id and running.state = 'running'
             where own.sweep_id = sweeps.id and own.state = 'running'), 0))`;

/** The sweeps that have used up their wall time or their GPU hours, with the reason. */
async function overspentSweeps(
  manager: EntityManager,
  which: string,
  values: readonly unknown[] = [],
): Promise<{ id: string; reason: string }[]> {
  const rows = await manager.query<{ id: string; reason: string }[]>(
    `select id, case when late then 'budget.wallTime' else 'budget.gpuHours' end as reason from sweeps
     cross join lateral (select
       coalesce(ran_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0) >= wall_seconds, false) as late,
       coalesce(gpu_hours * 3600 <= ${usedSeconds}, false) as spent) used
     where ${which} and (wall_seconds is not null or gpu_hours is not null) and (late or spent)`,
    [...values],
  );
  return rows.map(({ id, reason }) => ({ id, reason: `${reason} was used up` }));
}

/** Completes a sweep that is still open, with the reason, and cancels its open trials. */
async function completeEarly(manager: EntityManager, sweepId: string, reason: string): Promise<void> {
  await manager.transaction(async (inner) => {
    if (isOpen(await lockSweep(inner, sweepId))) await endSweep(inner, sweepId, 'completed', reason);
  });
}

/**
 * Completes sweeps that have found what they were asked for: a configuration with budget.target, all seeds trained; or the last
 * budget.patience configurations brought nothing better. Open trials are cancelled. `spreads`: those of the calls before on this database.
 */
export async function endSatisfiedSweeps(manager: EntityManager, spreads = new Spreads()): Promise<void> {
  const rows = await satisfiedSweeps(manager, `state in ('running', 'paused')`, { spreads });
  for (const { id, reason } of rows) await completeEarly(manager, id, reason);
}

interface Satisfied {
  values?: readonly unknown[];
  /** A trial that counts as open. */
  open?: string | null;
  spreads?: Spreads;
}

/** The sweeps that have found what they were asked for, with the reason. */
async function satisfiedSweeps(
  manager: EntityManager,
  which: string,
  { values = [], open = null, spreads = new Spreads() }: Satisfied,
): Promise<{ id: string; reason: string }[]> {
  const rows = await manager.query<
    { id: string; spec: SweepSpec; objective: Objective; target: number | null; patience: number | null }[]
  >(
    `select id, spec, objective, (spec -> 'budget' ->> 'target')::double precision as target,
            (spec -> 'budget' ->> 'patience')::integer as patience
     from sweeps where ${which} and (spec -> 'budget')::jsonb ?| '{target,patience}'`,
    [...values],
  );
  spreads.keep(rows.map(({ id }) => id));
  const satisfied: { id: string; reason: string }[] = [];
  for (const { id, spec, objective, target, patience } of rows) {
    const asked = { sweepId: id, correlated: foldVariance(countFolds(spec)), open };
    const reason =
      (target !== null && (await reachedTarget(manager, id, objective, target))) ||
      (patience !== null && (await ranOutOfPatience(manager, { ...asked, patience }, spreads)));
    if (reason) satisfied.push({ id, reason });
  }
  return satisfied;
}

async function reachedTarget(
  manager: EntityManager,
  sweepId: string,
  objective: Objective,
  target: number,
): Promise<string | undefined> {
  const sign = goalSign(objective);
  const [found] = await manager.query<{ configuration: number; score: number }[]>(
    `select configuration, score from configurations where sweep_id = $1 and score <= $2 and (repeats, 0) = (
       select count(*), count(*) filter (where state in ('pending', 'running', 'cancelled')) from trials
       where sweep_id = $1 and ${seedsOf('configurations.configuration', '$1')})
     order by score, configuration limit 1`,
    [sweepId, target * sign],
  );
  return (
    found &&
    `budget.target was reached: configuration ${found.configuration} has ${objective.metric} ${found.score * sign}`
  );
}
