import { goalSign, trialStates, type Objective, type TrialCounts } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/** The counts of a sweep that has none. */
export const noTrials = Object.fromEntries(trialStates.map((state) => [state, 0])) as TrialCounts;

/** The number of trials of each sweep in each state: an index-only scan of trials_by_state. */
export async function countTrials(
  dataSource: DataSource,
  sweepIds: readonly string[],
): Promise<Map<string, TrialCounts>> {
  const rows = await dataSource.query<{ sweep_id: string; state: keyof TrialCounts; count: string }[]>(
    `select sweep_id, state, count(*) from trials where sweep_id = any($1) group by sweep_id, state`,
    [sweepIds],
  );
  const counts = new Map(sweepIds.map((id) => [id, { ...noTrials }]));
  for (const { sweep_id, state, count } of rows) counts.get(sweep_id)![state] = Number(count);
  return counts;
}

/**
 * The best configuration of a sweep so far, as its leaderboard ranks them: its best trial, and its mean over the seeds. One step in
 * configurations_by_score.
 */
export async function bestTrial(
  dataSource: Pick<DataSource, 'query'>,
  sweepId: string,
  objective: Pick<Objective, 'goal'>,
): Promise<{ trialId: string; value: number } | null> {
  const [best] = await dataSource.query<{ trialId: string; score: number }[]>(
    `select best_trial as "trialId", score from configurations where sweep_id = $1 and score is not null
     order by score, configuration limit 1`,
    [sweepId],
  );
  return best ? { trialId: best.trialId, value: best.score * goalSign(objective) } : null;
}
