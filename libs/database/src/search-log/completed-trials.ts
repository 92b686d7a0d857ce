import type { TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

export interface CompletedTrial {
  id: string;
  number: number;
  spec: TrialSpec;
  datasetFingerprint: string;
}

/**
 * Up to `most` completed trials of a sweep with numbers above `after`, in order, whose value is that of their specification: a population
 * may have changed a trial while it trained. trials_of_sweep gives the order.
 */
export function completedTrials(
  manager: EntityManager,
  sweepId: string,
  after: number,
  most: number,
): Promise<CompletedTrial[]> {
  return manager.query(
    `select id, number, spec, dataset_fingerprint as "datasetFingerprint" from trials
     where sweep_id = $1 and number > $2 and state = 'completed' and value is not null and drawn is null and adopted is null
     order by number limit $3`,
    [sweepId, after, most],
  );
}
