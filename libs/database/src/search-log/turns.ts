import { isExploiting, stoppingRuleNames, type Objective, type SweepSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { jsonNumber } from '../json-number';

/** A trial of a population that has reached a rung. */
export interface PopulationTrial {
  trialId: string;
  sweepId: string;
  configuration: number;
  spec: SweepSpec;
  objective: Objective;
  reportEvery: number;
  parameters: Record<string, unknown>;
  fingerprint: string;
  /** The fingerprint of each data set of the sweep, by name. */
  datasets: Record<string, string>;
}

/** Those of the trials that belong to a population. The primary keys find all rows. */
export function populationTrials(manager: EntityManager, trialIds: readonly string[]): Promise<PopulationTrial[]> {
  return manager.query(
    `select trials.id as "trialId", sweep_id as "sweepId", configuration, sweeps.spec, objective, parameters,
            (trials.spec -> 'training' ->> 'reportEvery')::integer as "reportEvery", dataset_fingerprint as fingerprint,
            sweeps.datasets
     from trials join sweeps on sweeps.id = sweep_id
     where trials.id = any($1) and sweeps.spec -> 'stopping' ->> 'rule' = any($2) order by sweep_id, number`,
    [trialIds, stoppingRuleNames.filter(isExploiting)],
  );
}

/** A configuration of a population at a rung, as it is logged. */
export interface LoggedTurn {
  configuration: number;
  update: number;
  /** The objective's metric there. */
  value: number;
  /** The same with the sign of the goal: lower is better. */
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

/** The configurations that reached a rung of a population, in order: verdicts_in_order gives it. */
export function turnsAt(manager: Pick<EntityManager, 'query'>, sweepId: string, rung: number): Promise<LoggedTurn[]> {
  return manager.query(
    `select configuration, update, values[1] as value, score, decision, why, seen, checkpoint, metrics, parameters, source, changed
     from verdicts where sweep_id = $1 and rung = $2 order by sequence`,
    [sweepId, rung],
  );
}

/** All turns of a sweep's population, by rung, in the order of arrival. */
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

/** Logs turns in the order of arrival. The caller leaves out metrics that JSON cannot represent. */
export async function insertTurns(
  manager: EntityManager,
  sweepId: string,
  rung: number,
  turns: readonly LoggedTurn[],
): Promise<void> {
  if (turns.length === 0) return;
  const rows = turns.map((turn) => ({ ...turn, value: jsonNumber(turn.value), score: jsonNumber(turn.score) }));
  await manager.query(
    `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, decision, why, seen, checkpoint,
                           metrics, parameters, source, changed)
     select $1, configuration, $2, update, array[update], array[value], score, decision, why, seen, checkpoint,
            metrics, parameters, source, changed
     from json_to_recordset($3::json) as row (configuration integer, update integer, value double precision, score double precision,
       decision text, why text, seen integer, checkpoint text, metrics json, parameters json, source integer, changed json)`,
    [sweepId, rung, JSON.stringify(rows)],
  );
}

/** A change of a trial's parameters during training. */
export interface ParameterChange {
  configuration: number;
  update: number;
  /** The trial whose state it continued from. */
  source: string;
  parameters: Record<string, unknown>;
}

/** What configurations of a population copied from others, in order. The primary key of verdicts finds the rows. */
export function parameterChanges(
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
