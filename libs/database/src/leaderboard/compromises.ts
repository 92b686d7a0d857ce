import type { DataSource } from 'typeorm';
import { boardState, rankedSeeds } from '../schema/refresh-configurations';

/** A configuration with the metrics of each of its seeds. */
export interface Compromise {
  configuration: number;
  trialId: string;
  /** The metrics of each seed, at the report that gave its value. */
  reached: Record<string, number>[];
  parameters: Record<string, unknown>;
  repeats: number;
  state: string;
  updates: number;
  seconds: number | null;
}

/**
 * All configurations of a sweep that leaderboards rank, by the same seeds and in the same state, with their metrics and their best seed by
 * value · sign. trials_of_sweep finds the rows.
 */
export function compromises(dataSource: DataSource, sweepId: string, sign: number): Promise<Compromise[]> {
  return dataSource.query(
    `with seeded as (
       select configuration, jsonb_agg(metrics order by number) as reached, count(*)::integer as repeats,
              (array_agg(id order by value * $2, number))[1] as best
       from (${rankedSeeds('select * from trials where sweep_id = $1', 'each')}) own group by configuration
     )
     select seeded.configuration, best.id as "trialId", reached, parameters, repeats, ${boardState} as state, updates, seconds
     from seeded join trials best on best.id = seeded.best order by seeded.configuration`,
    [sweepId, sign],
  );
}
