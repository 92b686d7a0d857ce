import type { Objective } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { isRanked } from '../schema/refresh-configurations';

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
    `select own.id as "trialId", own.sweep_id as "sweepId", own.configuration, own.comparison_key as "comparisonKey", objective, (
       select coalesce(json_agg(json_build_object('seed', seed, 'fold', (trials.spec -> 'dataset' -> 'fold' ->> 'index')::integer, 'value', value) order by number), '[]') from trials
       where sweep_id = own.sweep_id and number >= own.configuration * (total / configurations)
         and number < (own.configuration + 1) * (total / configurations)
         and abs(value) < 'Infinity' and ${isRanked('trials')}) as seeds
     from trials own join sweeps on sweeps.id = own.sweep_id where own.id = $1`,
    [trialId],
  );
  return row!;
}
