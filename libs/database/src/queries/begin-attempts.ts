import type { TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { newId } from '../ids';
import type { CurvePoints } from './commit-work';
import { cutCurves, readCurves } from './cut-curves';

/** What was measured of a state that a trial took over from another: its standing begins there. */
export interface Adopted {
  update: number;
  metrics: Record<string, number>;
}

export interface ClaimedTrial {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
  datasetFingerprint: string;
  /** Where an earlier attempt got to: its checkpoint, and its curves up to there. */
  checkpoint?: { name: string; update: number; curves: CurvePoints[]; adopted: Adopted | null };
}

/** A trial that was taken, and is running from now on. */
export interface TakenRow {
  id: string;
  spec: TrialSpec;
  signature: string;
  comparison_key: string;
  dataset_fingerprint: string;
  most_lanes: number | null;
  checkpoint: string | null;
  checkpoint_update: number;
  adopted: Adopted | null;
}

interface Claimed {
  workerId: string;
  host: string;
  engine: string;
  leaseSeconds: number;
}

/** Gives trials that were just taken their attempts, each with a lease. `lanes`: of the group, these among them. */
export async function beginAttempts(
  manager: EntityManager,
  { workerId, host, engine, leaseSeconds }: Claimed,
  { groupId, lanes }: { groupId: string; lanes: number },
  rows: readonly TakenRow[],
): Promise<ClaimedTrial[]> {
  const trials = rows.map(
    ({
      id,
      spec,
      dataset_fingerprint: datasetFingerprint,
      checkpoint: name,
      checkpoint_update: update,
      adopted,
    }): ClaimedTrial => ({
      ...{ attemptId: newId(), trialId: id, spec, datasetFingerprint },
      ...(name === null ? {} : { checkpoint: { name, update, curves: [], adopted } }),
    }),
  );
  const trialIds = trials.map(({ trialId }) => trialId);
  // An attempt begins at its checkpoint, or at update 0: what an earlier one left of the curve beyond that goes.
  await cutCurves(manager, trialIds);
  const attemptIds = trials.map(({ attemptId }) => attemptId);
  await manager.query(
    `insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until, resumed_from)
     select attempt, trial, 'running', $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8), checkpoint_update
     from unnest($1::text[], $2::text[]) as claimed (attempt, trial) join trials on trials.id = trial`,
    [attemptIds, trialIds, workerId, host, engine, groupId, lanes, leaseSeconds],
  );
  const resumed = trials.flatMap(({ trialId, checkpoint }) => (checkpoint ? [trialId] : []));
  if (resumed.length > 0) {
    const curves = await readCurves(manager, resumed);
    for (const { trialId, checkpoint } of trials) if (checkpoint) checkpoint.curves = curves.get(trialId) ?? [];
  }
  return trials;
}
