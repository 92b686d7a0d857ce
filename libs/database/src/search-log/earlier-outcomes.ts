import { goalSign, type Objective, type TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

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
    `select (array_agg(spec order by number))[1] as spec, avg(value order by number) as value from trials
     where sweep_id = $1 and comparison_key = any($2) and state = 'completed' and value is not null
     group by configuration having abs(avg(value order by number)) < 'Infinity'
     order by avg(value order by number) * $3, configuration limit $4`,
    [sweepId, comparisonKeys, goalSign({ goal }), most],
  );
}
