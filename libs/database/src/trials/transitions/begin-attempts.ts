import type { Priority, TrialSpec } from '@unroll/contracts';
import type { CurvePoints } from '../../curves/curve';
import { cutCurves } from '../../curves/cut-curves';
import { joinChunks } from '../../curves/read-curves';
import { indexPlans } from '../../index-plans';

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

/** On whose account a trial runs: a node of the tree of shares. */
export interface Account {
  teamId: string;
  owner: string;
  priority: Priority;
}

/** That of what the fleet does not run. */
export const noAccount: Account = { teamId: '', owner: '', priority: 'normal' };

/**
 * Inserts an attempt with a lease for each trial that was just claimed, and returns what a worker needs of them as JSON, by number. An
 * attempt starts at its checkpoint, or at update 0: points that an earlier attempt left beyond it are deleted, for trials that had one
 * (`again`). Values of curves that are not finite are texts.
 */
export const beginAttempts = `create or replace function begin_attempts(claimant json, group_id text, lanes integer, team text, person text, class text,
    taken text[], again text[]) returns json language plpgsql
  ${indexPlans} as $$
  #variable_conflict use_column
  declare
    begun json;
  begin
    if cardinality(again) > 0 then
      ${cutCurves('again')};
    end if;
    with begun as (
      insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until, resumed_from, team_id, owner, priority)
      select new_id(), id, 'running', claimant ->> 'workerId', claimant ->> 'host', claimant ->> 'engine', begin_attempts.group_id,
             begin_attempts.lanes, clock_timestamp() + make_interval(secs => (claimant ->> 'leaseSeconds')::double precision), checkpoint_update,
             team, person, class
      from trials where id = any(taken) order by number
      returning id, trial_id
    )
    select json_agg(json_build_object('attemptId', begun.id, 'trialId', trial_id, 'spec', spec, 'signature', signature,
        'comparisonKey', comparison_key, 'datasetFingerprint', dataset_fingerprint, 'mostLanes', most_lanes,
        'checkpoint', case when checkpoint is not null then json_build_object('name', checkpoint, 'update', checkpoint_update,
          'adopted', adopted, 'curves', (
            select coalesce(json_agg(json_build_object('name', name, 'updates', metric_chunks.updates, 'values', values) order by name, first_update), '[]')
            from metric_chunks where trial_id = trials.id)) end) order by number)
    into begun from begun join trials on trials.id = trial_id;
    return begun;
  end $$`;

/** A trial as that function returns it. */
export interface BegunTrial {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
  signature: string;
  comparisonKey: string;
  datasetFingerprint: string;
  mostLanes: number | null;
  checkpoint: {
    name: string;
    update: number;
    adopted: Adopted | null;
    /** Chunks, in order. */
    curves: { name: string; updates: number[]; values: (number | string)[] }[];
  } | null;
}

/** What a worker is told of it. */
export function claimedTrial({ attemptId, trialId, spec, datasetFingerprint, checkpoint }: BegunTrial): ClaimedTrial {
  const trial = { attemptId, trialId, spec, datasetFingerprint };
  if (!checkpoint) return trial;
  const whole = joinChunks(checkpoint.curves, ({ name }) => name);
  const curves = [...whole].map(([name, { updates, values }]) => ({ name, updates, values: values.map(Number) }));
  return { ...trial, checkpoint: { ...checkpoint, curves } };
}
