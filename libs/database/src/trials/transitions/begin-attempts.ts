import type { Priority, TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import type { CurvePoints } from '../../curves/curve';
import { cutCurves } from '../../curves/cut-curves';
import { readCurves } from '../../curves/read-curves';
import { newId } from '../../ids';

/** The metrics of a state that a trial copied from another: its own results begin there. */
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

/** A trial that was just claimed. */
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
  /** Whether no attempt at it was made before. */
  fresh: boolean;
}

/** On whose account a trial runs: a node of the tree of shares. */
export interface Account {
  teamId: string;
  owner: string;
  priority: Priority;
}

/** That of what the fleet does not run. */
export const noAccount: Account = { teamId: '', owner: '', priority: 'normal' };

interface Claimed {
  workerId: string;
  host: string;
  engine: string;
  leaseSeconds: number;
}

/** Inserts an attempt with a lease for each trial that was just claimed. `lanes`: of the whole group. */
export async function beginAttempts(
  manager: EntityManager,
  { workerId, host, engine, leaseSeconds }: Claimed,
  { groupId, lanes, account }: { groupId: string; lanes: number; account: Account },
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
  const attemptIds = trials.map(({ attemptId }) => attemptId);
  // An attempt starts at its checkpoint, or at update 0: points that an earlier attempt left beyond it are deleted.
  const again = rows.flatMap(({ id, fresh }) => (fresh ? [] : [id]));
  await manager.query(
    `with ${cutCurves}
     insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until, resumed_from, team_id, owner, priority)
     select attempt, trial, 'running', $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8), checkpoint_update, $9, $10, $11
     from unnest($12::text[], $2::text[]) as claimed (trial, attempt) join trials on trials.id = trial`,
    [
      ...[again, attemptIds, workerId, host, engine, groupId, lanes, leaseSeconds],
      ...[account.teamId, account.owner, account.priority, trialIds],
    ],
  );
  const resumed = trials.flatMap(({ trialId, checkpoint }) => (checkpoint ? [trialId] : []));
  if (resumed.length > 0) {
    const curves = await readCurves(manager, resumed);
    for (const { trialId, checkpoint } of trials) if (checkpoint) checkpoint.curves = curves.get(trialId) ?? [];
  }
  return trials;
}
