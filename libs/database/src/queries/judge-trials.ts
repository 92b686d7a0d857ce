import type { Objective, StoppingSpec, TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** A running trial whose sweep stops early. */
export interface JudgedTrial {
  trialId: string;
  sweepId: string;
  configuration: number;
  stopping: StoppingSpec;
  objective: Objective;
  training: Pick<TrialSpec['training'], 'reportEvery' | 'updates' | 'batchSize' | 'bptt'>;
  /** Whether its configuration was stopped already, by the report of another seed. */
  stopped: boolean;
}

/** Those of the trials whose sweep has a rule that stops. The primary keys find all rows. */
export function judgedTrials(manager: EntityManager, trialIds: readonly string[]): Promise<JudgedTrial[]> {
  return manager.query(
    `select trials.id as "trialId", sweep_id as "sweepId", configuration, sweeps.spec -> 'stopping' as stopping, objective,
            trials.spec -> 'training' as training,
            exists (select from verdicts where verdicts.sweep_id = trials.sweep_id
              and verdicts.configuration = trials.configuration and decision = 'stop') as stopped
     from trials join sweeps on sweeps.id = sweep_id
     where trials.id = any($1) and coalesce(sweeps.spec -> 'stopping' ->> 'rule', 'none') not in ('none', 'population')
     order by sweep_id, number`,
    [trialIds],
  );
}

/** Makes this transaction the only one that judges at a rung of a sweep, until it ends. Callers lock rungs in order. */
export async function lockRung(manager: EntityManager, sweepId: string, rung: number): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtext($1), $2)`, [sweepId, rung]);
}

export interface StoredVerdict {
  configuration: number;
  update: number;
  updates: number[];
  values: number[];
  score: number;
  decision: 'continue' | 'stop' | 'exploit';
  why: string;
}

/** What came to a rung, in order: verdicts_in_order gives it. */
export function verdictsAt(manager: EntityManager, sweepId: string, rung: number): Promise<StoredVerdict[]> {
  return manager.query(
    `select configuration, update, updates, values, score, decision, why from verdicts
     where sweep_id = $1 and rung = $2 order by sequence`,
    [sweepId, rung],
  );
}

/** What earlier verdicts of a configuration saw of its curve, in order: each verdict has what came since the one before. */
export async function judgedCurve(
  manager: EntityManager,
  { sweepId, configuration }: Pick<JudgedTrial, 'sweepId' | 'configuration'>,
): Promise<{ updates: number[]; values: number[] }> {
  const rows = await manager.query<{ updates: number[]; values: number[] }[]>(
    `select updates, values from verdicts where sweep_id = $1 and configuration = $2 order by rung`,
    [sweepId, configuration],
  );
  return { updates: rows.flatMap(({ updates }) => updates), values: rows.flatMap(({ values }) => values) };
}

/** Values of one metric of each seed of a configuration that may still have one, by trial. */
export async function curvesOf(
  manager: EntityManager,
  { sweepId, configuration, objective }: JudgedTrial,
): Promise<{ updates: number[]; values: number[] }[]> {
  const chunks = await manager.query<{ id: string; updates: number[] | null; values: number[] | null }[]>(
    `select trials.id, chunk.updates, chunk.values from trials
     left join metric_chunks chunk on chunk.trial_id = trials.id and name = $3
     where sweep_id = $1 and configuration = $2 and state not in ('failed', 'cancelled')
     order by number, first_update`,
    [sweepId, configuration, objective.metric],
  );
  const curves = new Map<string, { updates: number[]; values: number[] }>();
  for (const { id, updates, values } of chunks) {
    const own = curves.get(id) ?? { updates: [], values: [] };
    curves.set(id, own);
    own.updates.push(...(updates ?? []));
    own.values.push(...(values ?? []));
  }
  return [...curves.values()];
}

export async function insertVerdict(
  manager: EntityManager,
  sweepId: string,
  rung: number,
  verdict: StoredVerdict,
): Promise<void> {
  const { configuration, update, updates, values, score, decision, why } = verdict;
  await manager.query(
    `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [sweepId, configuration, rung, update, updates, values, score, decision, why],
  );
}

/**
 * Ends attempts that a rule has stopped, whose rows the caller has locked, with their trials; and the other seeds of their configuration: those that wait, and
 * those in training elsewhere whose rows nobody holds. One whose worker is writing at this moment ends with its next report: to wait
 * for it here, where it may wait for this rung, would be a deadlock.
 */
export async function pruneTrials(
  manager: EntityManager,
  attemptIds: readonly string[],
  message: string,
): Promise<void> {
  await manager.query(
    `with own as (
       select sweep_id, configuration from attempts join trials on trials.id = trial_id where attempts.id = any($1)
     ), others as (
       select attempts.id from attempts join trials on trials.id = trial_id join own using (sweep_id, configuration)
       where attempts.state = 'running' and trials.state = 'running' order by attempts.id for update of attempts skip locked
     ), ended as (
       update attempts set state = 'succeeded', finished_at = clock_timestamp(), message = $2
       where id = any($1) or id in (select id from others) returning trial_id, started_at
     ), pruned as (
       update trials set state = 'pruned', finished_at = clock_timestamp(), message = $2, checkpoint = null, checkpoint_update = 0,
              seconds = extract(epoch from clock_timestamp() - ended.started_at)
       from ended where trials.id = ended.trial_id returning sweep_id, configuration
     )
     update trials set state = 'pruned', finished_at = clock_timestamp(), message = $2
     from pruned where trials.sweep_id = pruned.sweep_id and trials.configuration = pruned.configuration
       and trials.state = 'pending'`,
    [attemptIds, message],
  );
}
