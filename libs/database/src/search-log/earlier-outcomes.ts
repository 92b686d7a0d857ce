import { goalSign, type Objective, type TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { meanOf, scaleOf } from '../large-values';

/** A completed configuration of an earlier sweep, with the mean over its seeds. */
export interface EarlierOutcome {
  spec: TrialSpec;
  value: number;
}

/** The best completed configurations of a sweep with these comparison keys: those that measured the same. */
export function earlierOutcomes(
  manager: EntityManager,
  sweepId: string,
  comparisonKeys: readonly string[],
  { goal }: Objective,
  most: number,
): Promise<EarlierOutcome[]> {
  return manager.query(
    `select spec, value from (
       select configuration, (array_agg(spec order by number))[1] as spec, ${meanOf('value', 'number')} as value from (
         select *, ${scaleOf('value', 'partition by configuration')} from trials
         where sweep_id = $1 and comparison_key = any($2) and state = 'completed' and value is not null
       ) completed group by configuration
     ) means where abs(value) < 'Infinity' order by value * $3, configuration limit $4`,
    [sweepId, comparisonKeys, goalSign({ goal }), most],
  );
}
