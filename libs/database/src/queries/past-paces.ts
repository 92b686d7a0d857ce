import type { DataSource } from 'typeorm';

/** Trials that are looked at, at most. */
const mostLookedAt = 500;

/** What trials of one signature took before. */
export interface PastPace {
  signature: string;
  cell: string;
  trials: number;
  /** Of one trainer, for one update of one lane. */
  secondsPerUpdate: number;
}

/** How fast trials on these boards trained before, by signature. configurations_by_comparison_key finds them. */
export function pastPaces(dataSource: DataSource, comparisonKeys: readonly string[]): Promise<PastPace[]> {
  return dataSource.query(
    `select signature, cell, count(*)::integer as trials, sum(trained.seconds / lanes) / sum(trained.updates) as "secondsPerUpdate"
     from (select best_trial, cell from configurations where comparison_key = any($1) and score is not null and state = 'completed' limit $2) best
     join trials trained on trained.id = best_trial
     where trained.seconds > 0 and lanes > 0 and trained.updates > 0 group by signature, cell`,
    [comparisonKeys, mostLookedAt],
  );
}
