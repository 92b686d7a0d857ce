import type { Objective } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { rankedSeeds } from '../schema/refresh-configurations';
import { numberedAs } from '../seeds-of';

/** The configuration of a trial: the finite values of its seeds, and what it can be compared with. */
export interface ComparedSeeds {
  trialId: string;
  sweepId: string;
  configuration: number;
  comparisonKey: string;
  objective: Objective;
  seeds: { seed: number; fold: number | null; value: number }[];
}

/** By the trial's id; trials_of_sweep finds the other seeds. */
export async function comparedSeeds(dataSource: DataSource, trialId: string): Promise<ComparedSeeds> {
  const [row] = await dataSource.query<ComparedSeeds[]>(
    `select trial.id as "trialId", trial.sweep_id as "sweepId", trial.configuration, trial.comparison_key as "comparisonKey", objective, (
       select coalesce(json_agg(json_build_object('seed', seed, 'fold', (seeded.spec -> 'dataset' -> 'fold' ->> 'index')::integer, 'value', value) order by number), '[]')
       from (${rankedSeeds(`select * from trials where sweep_id = trial.sweep_id and ${numberedAs('trial.configuration', '(total / configurations)')}`)}) seeded where abs(value) < 'Infinity') as seeds
     from trials trial join sweeps on sweeps.id = trial.sweep_id where trial.id = $1`,
    [trialId],
  );
  return row!;
}
