import type { Objective, SweepSpec, TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** A trial of a population that has come to a rung. */
export interface PopulationTrial {
  trialId: string;
  sweepId: string;
  configuration: number;
  spec: SweepSpec;
  objective: Objective;
  reportEvery: number;
  parameters: Record<string, unknown>;
  fingerprint: string;
}

/** Those of the trials that belong to a population. The primary keys find all rows. */
export function populationTrials(manager: EntityManager, trialIds: readonly string[]): Promise<PopulationTrial[]> {
  return manager.query(
    `select trials.id as "trialId", sweep_id as "sweepId", configuration, sweeps.spec, objective, parameters,
            (trials.spec -> 'training' ->> 'reportEvery')::integer as "reportEvery", dataset_fingerprint as fingerprint
     from trials join sweeps on sweeps.id = sweep_id
     where trials.id = any($1) and sweeps.spec -> 'stopping' ->> 'rule' = 'population' order by sweep_id, number`,
    [trialIds],
  );
}

/** What was measured of trials at an update, by trial. The primary key of metric_chunks finds their rows. */
export async function measuredAt(
  manager: EntityManager,
  trialIds: readonly string[],
  update: number,
): Promise<Map<string, Record<string, number>>> {
  const rows = await manager.query<{ trial_id: string; name: string; value: number }[]>(
    `select trial_id, name, values[array_position(updates, $2)] as value from metric_chunks
     where trial_id = any($1) and $2 = any(updates)`,
    [trialIds, update],
  );
  const measured = new Map(trialIds.map((id): [string, Record<string, number>] => [id, {}]));
  for (const { trial_id: id, name, value } of rows) measured.get(id)![name] = value;
  return measured;
}

/** A configuration of a population at a rung, as it is logged. */
export interface LoggedTurn {
  configuration: number;
  update: number;
  /** The objective's metric there. */
  value: number;
  /** The same; less is better. */
  score: number;
  decision: 'continue' | 'exploit';
  why: string;
  seen: number;
  checkpoint: string | null;
  metrics: Record<string, number>;
  parameters: Record<string, unknown>;
  source: number | null;
  changed: Record<string, unknown> | null;
}

/** Who came to a rung of a population, in order: verdicts_in_order gives it. */
export function turnsAt(manager: Pick<EntityManager, 'query'>, sweepId: string, rung: number): Promise<LoggedTurn[]> {
  return manager.query(
    `select configuration, update, values[1] as value, score, decision, why, seen, checkpoint, metrics, parameters, source, changed
     from verdicts where sweep_id = $1 and rung = $2 order by sequence`,
    [sweepId, rung],
  );
}

/** All turns of a sweep's population, by rung, in the order of coming. */
export async function sweepTurns(
  manager: Pick<EntityManager, 'query'>,
  sweepId: string,
): Promise<Map<number, LoggedTurn[]>> {
  const rungs = await manager.query<{ rung: number }[]>(
    `select distinct rung from verdicts where sweep_id = $1 order by rung`,
    [sweepId],
  );
  const turns = new Map<number, LoggedTurn[]>();
  for (const { rung } of rungs) turns.set(rung, await turnsAt(manager, sweepId, rung));
  return turns;
}

/** Logs turns in the order of coming; what JSON cannot say of the metrics is left out. */
export async function insertTurns(
  manager: EntityManager,
  sweepId: string,
  rung: number,
  turns: readonly LoggedTurn[],
): Promise<void> {
  for (const { configuration, update, value, score, decision, why, seen, checkpoint, ...rest } of turns)
    await manager.query(
      `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why, seen, checkpoint,
                             metrics, parameters, source, changed)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
      [
        ...[sweepId, configuration, rung, update, [update], [value], score, decision, why, seen, checkpoint],
        ...[JSON.stringify(rest.metrics), JSON.stringify(rest.parameters), rest.source],
        rest.changed && JSON.stringify(rest.changed),
      ],
    );
}

/** An attempt that ends at a rung, and how its trial goes on. */
export interface Released {
  attemptId: string;
  trialId: string;
  checkpoint: string;
  update: number;
  message: string;
  /** Where it goes on from another's state: what it is from now on. */
  changed?:
    | {
        spec: TrialSpec;
        parameters: Record<string, unknown>;
        signature: string;
        adopted: { update: number; metrics: Record<string, number> };
      }
    | undefined;
}

/** Ends attempts at a rung, whose rows the caller has locked: their trials wait for the next claim, with the state that they go on from. */
export async function releaseAtRung(manager: EntityManager, released: readonly Released[]): Promise<void> {
  const rows = released.map(({ attemptId, trialId, checkpoint, update, message, changed }) => {
    const { spec = null, parameters = null, signature = null, adopted = null } = changed ?? {};
    const own = { attempt_id: attemptId, trial_id: trialId, checkpoint, update, message };
    return { ...own, spec, parameters, signature, adopted };
  });
  await manager.query(
    `with row as (
       select * from json_to_recordset($1::json) as row (attempt_id text, trial_id text, checkpoint text, update integer,
         message text, spec json, parameters jsonb, signature text, adopted json)
     ), ended as (
       update attempts set state = 'released', finished_at = clock_timestamp(), message = row.message
       from row where attempts.id = row.attempt_id
     )
     update trials set state = case when sweeps.state in ('running', 'paused') then 'pending' else 'cancelled' end,
            finished_at = case when sweeps.state not in ('running', 'paused') then clock_timestamp() end,
            checkpoint = row.checkpoint, checkpoint_update = row.update, spec = coalesce(row.spec, trials.spec),
            drawn = case when row.parameters is null then drawn else coalesce(drawn, trials.parameters) end,
            parameters = coalesce(row.parameters, trials.parameters), signature = coalesce(row.signature, trials.signature),
            adopted = coalesce(row.adopted, trials.adopted)
     from row, sweeps where trials.id = row.trial_id and sweeps.id = trials.sweep_id`,
    [JSON.stringify(rows)],
  );
  // Leaderboards show what it trains with now; the statement before has locked these rows, in their order.
  await manager.query(
    `update configurations set parameters = trials.parameters from trials
     where trials.id = any($1) and configurations.sweep_id = trials.sweep_id and configurations.configuration = trials.configuration`,
    [released.flatMap(({ trialId, changed }) => (changed ? [trialId] : []))],
  );
}

/** A change of a trial's parameters while it trained. */
export interface ParameterChange {
  configuration: number;
  update: number;
  /** The trial whose state it went on from. */
  source: string;
  parameters: Record<string, unknown>;
}

/** What configurations of a population took over, in order. The primary key of verdicts finds the rows. */
export function changesOf(
  manager: Pick<EntityManager, 'query'>,
  sweepId: string,
  configurations: readonly number[],
): Promise<ParameterChange[]> {
  return manager.query(
    `select verdicts.configuration, update, changed as parameters, trials.id as source
     from verdicts join trials on trials.sweep_id = verdicts.sweep_id and trials.number = verdicts.source
     where verdicts.sweep_id = $1 and verdicts.configuration = any($2) and decision = 'exploit'
     order by verdicts.configuration, rung`,
    [sweepId, configurations],
  );
}
