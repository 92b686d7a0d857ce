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
 * SQL: the best trial and the score of the first configuration on the leaderboard of a sweep, whose id is `sweep`. One whose trials were
 * cancelled, and so have no model, is it only where there is no other. One step each in configurations_by_score and _by_state.
 */
export function bestOf(sweep: string): string {
  const first = (last: number, state: string): string =>
    `(select ${last} as last, best_trial, score from configurations where sweep_id = ${sweep} and score is not null and state ${state}
       order by score, configuration limit 1)`;
  return `select best_trial, score from (${first(0, `<> 'cancelled'`)} union all ${first(1, `= 'cancelled'`)}) found order by last limit 1`;
}

/** The best configuration of a sweep so far, as `bestOf` says: its best trial, and its mean over the seeds. */
export async function bestTrial(
  dataSource: Pick<DataSource, 'query'>,
  sweepId: string,
  objective: Pick<Objective, 'goal'>,
): Promise<{ trialId: string; value: number } | null> {
  const [best] = await dataSource.query<{ best_trial: string; score: number }[]>(bestOf('$1'), [sweepId]);
  return best ? { trialId: best.best_trial, value: best.score * goalSign(objective) } : null;
}
