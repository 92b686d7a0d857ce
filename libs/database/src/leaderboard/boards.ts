import type { SweepSpec } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import type { BoardRecord } from '../entities/board-record';

export interface CountedBoard extends Omit<BoardRecord, 'sweepId' | 'sweep'> {
  teamId: string;
  configurations: number;
}

/** All team leaderboards that have a configuration, largest first. Counting scans an index of all configurations. */
export function countedBoards(dataSource: DataSource): Promise<CountedBoard[]> {
  return dataSource.query(
    `select comparison_key as "comparisonKey", objective, metric, goal, dataset, fingerprint, reading, task, tokens, configurations,
            team_id as "teamId"
     from (select distinct on (comparison_key, boards.objective) boards.*, team_id from boards join sweeps on sweeps.id = sweep_id order by comparison_key, boards.objective, sweep_id) named
     join (select comparison_key, objective, count(*)::integer as configurations from configurations where score is not null
       group by comparison_key, objective) counted using (comparison_key, objective)
     order by configurations desc, comparison_key, objective`,
  );
}

/** The comparison keys of a sweep, and the metrics of its best configuration. */
export async function sweepBoards(
  dataSource: DataSource,
  sweepId: string,
): Promise<{ comparisonKeys: string[]; metrics: Record<string, number> }> {
  const [row] = await dataSource.query<{ comparisonKeys: string[]; metrics: Record<string, number> | null }[]>(
    `select array(select comparison_key from boards where sweep_id = $1) as "comparisonKeys",
            (select metrics from configurations where sweep_id = $1 and score is not null order by score, configuration limit 1) as metrics`,
    [sweepId],
  );
  return { comparisonKeys: row!.comparisonKeys, metrics: row!.metrics ?? {} };
}

/** Specifications of the sweeps on a team leaderboard, newest first, and the metrics of its best configuration. */
export async function boardSweeps(
  dataSource: DataSource,
  { comparisonKey, objective }: { comparisonKey: string; objective: string },
  most: number,
): Promise<{ specs: SweepSpec[]; metrics: Record<string, number> }> {
  const [row] = await dataSource.query<{ specs: SweepSpec[]; metrics: Record<string, number> | null }[]>(
    `select array(select spec from boards join sweeps on sweeps.id = sweep_id where comparison_key = $1 and boards.objective = $2
              order by created_at desc, sweeps.id limit $3) as specs,
            (select metrics from configurations where comparison_key = $1 and objective = $2 and score is not null
              order by score, sweep_id, configuration limit 1) as metrics`,
    [comparisonKey, objective, most],
  );
  return { specs: row!.specs, metrics: row!.metrics ?? {} };
}
