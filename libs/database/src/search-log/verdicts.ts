import {
  stoppingRuleDefinitions,
  stoppingRuleNames,
  type Objective,
  type StoppingSpec,
  type TrialSpec,
} from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** A running trial whose sweep has a stopping rule. */
export interface JudgedTrial {
  trialId: string;
  sweepId: string;
  configuration: number;
  stopping: StoppingSpec;
  objective: Objective;
  training: Pick<TrialSpec['training'], 'reportEvery' | 'updates' | 'epochs' | 'batchSize' | 'bptt'>;
  /** Whether its configuration was already stopped by the report of another seed. */
  stopped: boolean;
  /** The last rung that its configuration passed, and the update there; null before the first. */
  passed: { rung: number; update: number } | null;
}

const pruning = stoppingRuleNames.filter((rule) => stoppingRuleDefinitions[rule].decides === 'stop');

/** Those of the trials whose sweep has a rule that prunes. The primary keys find all rows. */
export function judgedTrials(manager: EntityManager, trialIds: readonly string[]): Promise<JudgedTrial[]> {
  return manager.query(
    `select trials.id as "trialId", sweep_id as "sweepId", configuration, sweeps.spec -> 'stopping' as stopping, objective,
            trials.spec -> 'training' as training,
            exists (select from verdicts where verdicts.sweep_id = trials.sweep_id
              and verdicts.configuration = trials.configuration
              and (decision = 'stop' or later_seen is not null)) as stopped,
            (select json_build_object('rung', rung, 'update', update) from verdicts
             where verdicts.sweep_id = trials.sweep_id and verdicts.configuration = trials.configuration
             order by rung desc limit 1) as passed
     from trials join sweeps on sweeps.id = sweep_id
     where trials.id = any($1) and sweeps.spec -> 'stopping' ->> 'rule' = any($2)
     order by sweep_id, number`,
    [trialIds, pruning],
  );
}

/** Makes this transaction the only one that decides at a rung of a sweep, until it ends. Callers lock rungs in order. */
export async function lockRung(manager: EntityManager, sweepId: string, rung: number): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtext($1), $2)`, [sweepId, rung]);
}

/** A verdict as it is logged, with the points of the curve since the one before. */
export interface StoredVerdict {
  configuration: number;
  update: number;
  updates: number[];
  values: number[];
  score: number;
  decision: 'continue' | 'stop' | 'exploit';
  why: string;
}

/** The configurations that reached a rung, or the first `count` of them, in order: verdicts_in_order gives it. */
export function verdictsAt(
  manager: EntityManager,
  sweepId: string,
  rung: number,
  count?: number,
): Promise<StoredVerdict[]> {
  return manager.query(
    `select configuration, update, updates, values, score, decision, why from verdicts
     where sweep_id = $1 and rung = $2 order by sequence limit $3`,
    [sweepId, rung, count ?? null],
  );
}

/** Logs that a configuration which passed a rung was stopped later. */
export async function insertLaterVerdict(
  manager: EntityManager,
  { sweepId, configuration, rung }: { sweepId: string; configuration: number; rung: number },
  { seen, update, why }: { seen: number; update: number; why: string },
): Promise<void> {
  await manager.query(
    `update verdicts set later_seen = $4, later_update = $5, later_why = $6
     where sweep_id = $1 and configuration = $2 and rung = $3`,
    [sweepId, configuration, rung, seen, update, why],
  );
}

/** Logs a verdict. `share`: the fraction of the training; null if its length is not known. */
export async function insertVerdict(
  manager: EntityManager,
  sweepId: string,
  rung: number,
  verdict: StoredVerdict & { share: number | null },
): Promise<void> {
  const { configuration, update, updates, values, score, share, decision, why } = verdict;
  await manager.query(
    `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, share, decision, why)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [sweepId, configuration, rung, update, updates, values, score, share, decision, why],
  );
}
