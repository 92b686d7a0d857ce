import type { Objective } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/** Where a page begins: behind the row with this value and configuration. */
export interface BoardPosition {
  value: number;
  configuration: number;
  rank: number;
}

export interface BoardRow {
  configuration: number;
  value: number;
  deviation: number | null;
  repeats: number;
  trialId: string;
  parameters: Record<string, unknown>;
  seed: number;
  metrics: Record<string, number>;
  state: string;
  updates: number;
  seconds: number | null;
  engine: string | null;
  lanes: number | null;
  finishedAt: Date | null;
}

/**
 * Configurations of a sweep, best first: the mean over their seeds, with the best seed's trial. A keyset page: the
 * cursor is the last row's (value, configuration), so depth costs nothing beyond the grouping of the sweep's own trials.
 */
export async function leaderboard(
  dataSource: DataSource,
  sweepId: string,
  objective: Objective,
  limit: number,
  after?: BoardPosition,
): Promise<BoardRow[]> {
  const sign = objective.goal === 'minimize' ? 1 : -1;
  return dataSource.query(
    `with configurations as (
       select configuration, avg(value) as value, stddev_samp(value) as deviation, count(*)::integer as repeats,
              (array_agg(id order by value * $2, number))[1] as best
       from trials where sweep_id = $1 and value is not null and state in ('completed', 'pruned', 'running')
       group by configuration
     )
     select configurations.configuration, configurations.value, deviation, repeats, best as "trialId", parameters,
            seed::double precision as seed, metrics, state, updates, seconds, engine, lanes, finished_at as "finishedAt"
     from configurations join trials on trials.id = best
     where $3::double precision is null or (configurations.value * $2, configurations.configuration) > ($3 * $2, $4)
     order by configurations.value * $2, configurations.configuration limit $5`,
    [sweepId, sign, after?.value ?? null, after?.configuration ?? null, limit],
  );
}

export interface BaselineOnBoard {
  name: string;
  metrics: Record<string, number>;
}

/** What simple models reach on the boards of a sweep. */
export function sweepBaselines(dataSource: DataSource, sweepId: string): Promise<BaselineOnBoard[]> {
  return dataSource.query(
    `select distinct name, metrics from baselines where board in (select distinct board from trials where sweep_id = $1)`,
    [sweepId],
  );
}
