import { trialStates, type Objective, type TrialCounts } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/** The number of trials of each sweep in each state: an index-only scan of trials_by_state. */
export async function countTrials(
  dataSource: DataSource,
  sweepIds: readonly string[],
): Promise<Map<string, TrialCounts>> {
  const rows = await dataSource.query<{ sweep_id: string; state: keyof TrialCounts; count: string }[]>(
    `select sweep_id, state, count(*) from trials where sweep_id = any($1) group by sweep_id, state`,
    [sweepIds],
  );
  const none = Object.fromEntries(trialStates.map((state) => [state, 0])) as TrialCounts;
  const counts = new Map(sweepIds.map((id) => [id, { ...none }]));
  for (const { sweep_id, state, count } of rows) counts.get(sweep_id)![state] = Number(count);
  return counts;
}

/** The best trial of a sweep so far. */
export async function bestTrial(
  dataSource: DataSource,
  sweepId: string,
  objective: Objective,
): Promise<{ trialId: string; value: number } | null> {
  // With one seed the best trial is that of the best configuration, which configurations_by_score finds.
  const [alone] = await dataSource.query<{ trialId: string | null; value: number | null }[]>(
    `select trials.id as "trialId", trials.value from sweeps
     left join lateral (select best_trial from configurations where sweep_id = $1 and score is not null
       order by score, configuration limit 1) best on true left join trials on trials.id = best_trial
     where sweeps.id = $1 and total = configurations`,
    [sweepId],
  );
  if (alone) return alone.trialId === null ? null : { trialId: alone.trialId, value: alone.value! };
  const direction = objective.goal === 'minimize' ? 'asc' : 'desc';
  const [best] = await dataSource.query<{ trialId: string; value: number }[]>(
    `select id as "trialId", value from trials where sweep_id = $1 and value is not null and state in ('completed', 'pruned', 'running')
     order by value ${direction}, number limit 1`,
    [sweepId],
  );
  return best ?? null;
}
