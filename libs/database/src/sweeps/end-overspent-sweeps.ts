import type { EntityManager } from 'typeorm';
import { endSweep, failSweep } from './end-sweep';
import { isOpen, lockSweep } from './lifecycle';

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
 * reason. attempts_of_trial finds the attempts of the few sweeps that count hours.
 */
export async function endOverspentSweeps(manager: EntityManager): Promise<void> {
  const rows = await manager.query<{ id: string; reason: string }[]>(
    `select id, case when late then 'budget.wallTime' else 'budget.gpuHours' end as reason from sweeps
     cross join lateral (select
       coalesce(ran_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0) >= wall_seconds, false) as late,
       coalesce(gpu_hours * 3600 <= (
         select sum(extract(epoch from coalesce(attempts.finished_at, clock_timestamp()) - attempts.started_at) / attempts.lanes)
         from trials join attempts on trial_id = trials.id where sweep_id = sweeps.id), false) as spent) used
     where state in ('running', 'paused') and (wall_seconds is not null or gpu_hours is not null) and (late or spent)`,
  );
  for (const { id, reason } of rows)
    await manager.transaction(async (inner) => {
      if (isOpen(await lockSweep(inner, id))) await endSweep(inner, id, 'completed', `${reason} was used up`);
    });
}
