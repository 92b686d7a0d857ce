import type { DataSource } from 'typeorm';

/** Most trials that are read. */
const mostLookedAt = 500;

/** How long earlier trials of one signature took. */
export interface PastPace {
  signature: string;
  cell: string;
  trials: number;
  /** Trainer seconds for one update of one lane. */
  secondsPerUpdate: number;
}

/** How fast earlier trials with these comparison keys trained, by signature. configurations_by_comparison_key finds them. */
export function pastPaces(dataSource: DataSource, comparisonKeys: readonly string[]): Promise<PastPace[]> {
  return dataSource.query(
    `select signature, cell, count(*)::integer as trials, sum(trained.seconds / lanes) / sum(trained.updates) as "secondsPerUpdate"
     from (select best_trial, cell from configurations where comparison_key = any($1) and score is not null and state = 'completed' limit $2) best
     join trials trained on trained.id = best_trial
     where trained.seconds > 0 and lanes > 0 and trained.updates > 0 group by signature, cell`,
    [comparisonKeys, mostLookedAt],
  );
}
