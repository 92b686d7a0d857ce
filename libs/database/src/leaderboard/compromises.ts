import type { DataSource } from 'typeorm';

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
 * All configurations of a sweep that have a value, with their metrics and their best seed by value · sign. trials_of_sweep finds the rows.
 */
export function compromises(dataSource: DataSource, sweepId: string, sign: number): Promise<Compromise[]> {
  return dataSource.query(
    `with seeded as (
       select configuration, jsonb_agg(metrics order by number) as reached, count(*)::integer as repeats,
              (array_agg(id order by value * $2, number))[1] as best
       from trials where sweep_id = $1 and value is not null and state in ('completed', 'running') group by configuration
     )
     select seeded.configuration, best as "trialId", reached, parameters, repeats, state, updates, seconds
     from seeded join trials on trials.id = best order by seeded.configuration`,
    [sweepId, sign],
  );
}
