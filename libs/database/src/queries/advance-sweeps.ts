import type { Objective, SweepSpec, TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import type { EarlierConfiguration } from '../entities/sweep';
import { newId } from '../ids';
import { stopClock } from './end-sweep';
import type { LoggedProposal } from './search-log';

/** A trial that has no row yet. */
export interface NewTrial {
  number: number;
  configuration: number;
  seed: number;
  parameters: Record<string, unknown>;
  spec: TrialSpec;
  signature: string;
  comparisonKey: string;
  datasetFingerprint: string;
}

export interface UnproposedSweep {
  id: string;
  spec: SweepSpec;
  objective: Objective;
  concurrentTrials: number | null;
  earlier: EarlierConfiguration[];
  datasets: Record<string, string>;
  proposed: number;
  total: number;
  pending: number;
}

/** Running sweeps that may get more trials, with how many of theirs wait. sweeps are few; trials_by_state counts. */
export function unproposedSweeps(manager: EntityManager): Promise<UnproposedSweep[]> {
  return manager.query(
    `select id, spec, objective, concurrent_trials as "concurrentTrials", earlier, datasets, proposed, total,
            (select count(*) from trials where sweep_id = sweeps.id and state = 'pending')::integer as pending
     from sweeps where state = 'running' and proposed < total order by created_at, id`,
  );
}

/** Adds the next trials of a sweep, with what a search that learns decided them by, unless it was stopped or another leader has added them. */
export async function insertTrials(
  manager: EntityManager,
  sweepId: string,
  proposed: number,
  trials: readonly NewTrial[],
  log?: LoggedProposal,
): Promise<boolean> {
  return manager.transaction(async (inner) => {
    const [, count] = await inner.query<[unknown[], number]>(
      `update sweeps set proposed = $3 where id = $1 and proposed = $2 and state = 'running'`,
      [sweepId, proposed, proposed + trials.length],
    );
    if (count === 0) return false;
    const rows = trials.map(({ comparisonKey, datasetFingerprint, ...trial }) => ({
      ...trial,
      id: newId(),
      comparison_key: comparisonKey,
      dataset_fingerprint: datasetFingerprint,
    }));
    await inner.query(
      `insert into trials (id, sweep_id, number, configuration, seed, state, parameters, spec, signature, comparison_key, dataset_fingerprint)
       select id, $2, number, configuration, seed, 'pending', parameters, spec, signature, comparison_key, dataset_fingerprint
       from json_to_recordset($1::json) as row (id text, number integer, configuration integer, seed bigint,
            parameters jsonb, spec json, signature text, comparison_key text, dataset_fingerprint text)`,
      [JSON.stringify(rows), sweepId],
    );
    if (log)
      await inner.query(
        `insert into proposals (sweep_id, first, lanes, learned, parameters) values ($1, $2, $3, $4, $5)`,
        [sweepId, log.first, log.lanes, JSON.stringify(log.learned), JSON.stringify(log.parameters)],
      );
    return true;
  });
}

/** Ends a sweep that cannot go on, with the reason. What runs ends by itself, what waits is cancelled. */
export async function failSweep(manager: EntityManager, sweepId: string, message: string): Promise<void> {
  await manager.query(
    `with failed as (
       update sweeps set state = 'failed', message = $2, finished_at = clock_timestamp(), ${stopClock}
       where id = $1 and state in ('running', 'paused') returning id
     )
     update trials set state = 'cancelled', finished_at = clock_timestamp()
     from failed where sweep_id = failed.id and trials.state = 'pending'`,
    [sweepId, message],
  );
}

/** Ends the sweeps whose trials have all ended, and says so where none of them has a value; returns how many. */
export async function completeSweeps(manager: EntityManager): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update sweeps set state = 'completed', finished_at = clock_timestamp(), ${stopClock}, message = (
       select case when count(value) = 0 then 'no trial reached a value of ' || (objective ->> 'metric') || ': ' ||
         count(*) filter (where trials.state = 'failed') || ' failed, ' ||
         count(*) filter (where trials.state = 'diverged') || ' diverged, ' ||
         count(*) filter (where trials.state not in ('failed', 'diverged')) || ' never reported one' end
       from trials where sweep_id = sweeps.id)
     where state in ('running', 'paused') and proposed = total
       and not exists (select from trials where sweep_id = sweeps.id and state in ('pending', 'running'))`,
  );
  return count;
}

export interface ClaimableWork {
  sweepId: string;
  signature: string;
  trials: number;
}

/** Trials that a worker could claim now, by sweep and signature, oldest sweep first: what tickets are issued for. */
export async function claimableWork(manager: EntityManager, most: number): Promise<ClaimableWork[]> {
  return manager.query(
    `select sweep_id as "sweepId", signature, count(*)::integer as trials from (
       select sweeps.id as sweep_id, sweeps.created_at, waiting.signature from sweeps
       cross join lateral (
         select signature from trials where sweep_id = sweeps.id and state = 'pending' order by number
         limit least($1, case when concurrent_trials is null then $1 else greatest(0, concurrent_trials -
           (select count(*) from trials where sweep_id = sweeps.id and state = 'running')) end)
       ) waiting where sweeps.state = 'running'
     ) claimable group by sweep_id, created_at, signature order by created_at, sweep_id limit $1`,
    [most],
  );
}
