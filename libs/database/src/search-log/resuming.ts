import { isResuming, stoppingRuleNames, type Objective, type SweepSpec } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { jsonNumber } from '../json-number';
import { seedsOf } from '../seeds-of';

type Asked = Pick<DataSource | EntityManager, 'query'>;

/** A trial of a sweep whose configurations may resume, in the state that the transaction has brought it to. */
export interface ResumingTrial {
  trialId: string;
  sweepId: string;
  configuration: number;
  spec: SweepSpec;
  objective: Objective;
  reportEvery: number;
  /** Length of the training, in one of two units; the other is null. */
  updates: number | null;
  epochs: number | null;
  /** Configurations of the sweep. */
  configurations: number;
  /** Trials that can still be proposed. */
  unproposed: number;
}

/** Those of the trials whose stopping rule resumes configurations. The primary keys find all rows. */
export function resumingTrials(manager: Asked, trialIds: readonly string[]): Promise<ResumingTrial[]> {
  return manager.query(
    `select trials.id as "trialId", sweep_id as "sweepId", configuration, sweeps.spec, objective, configurations,
            (trials.spec -> 'training' ->> 'reportEvery')::integer as "reportEvery",
            (trials.spec -> 'training' ->> 'updates')::integer as updates,
            (trials.spec -> 'training' ->> 'epochs')::double precision as epochs, total - proposed as unproposed
     from trials join sweeps on sweeps.id = sweep_id
     where trials.id = any($1) and sweeps.spec -> 'stopping' ->> 'rule' = any($2) order by sweep_id, number`,
    [trialIds, stoppingRuleNames.filter(isResuming)],
  );
}

/** A configuration at a rung, as it is logged. */
export interface LoggedArrival {
  configuration: number;
  rung: number;
  update: number;
  /** Lower is better. */
  score: number;
  /** Fraction of the training. */
  share: number;
  decision: 'continue' | 'stop';
  why: string;
  /** Arrivals of the sweep that the decision considered: all up to its own transaction. */
  seen: number;
  /** The same of the decision that resumed it later; null if none has. */
  laterSeen: number | null;
}

/** The arrivals of a sweep in order, from number `first` on. Its rows are found by the primary key, and sorted. */
export function arrivalsOf(manager: Asked, sweepId: string, first = 0): Promise<LoggedArrival[]> {
  return manager.query(
    `select configuration, rung, update, score, share, decision, why, seen, later_seen as "laterSeen" from verdicts
     where sweep_id = $1 order by sequence offset $2`,
    [sweepId, first],
  );
}

/** Logs arrivals in order. */
export async function insertArrivals(
  manager: Asked,
  sweepId: string,
  arrivals: readonly Omit<LoggedArrival, 'laterSeen'>[],
): Promise<void> {
  if (arrivals.length === 0) return;
  const rows = arrivals.map(({ score, ...arrival }) => ({ ...arrival, score: jsonNumber(score) }));
  await manager.query(
    `insert into verdicts (sweep_id, configuration, rung, update, updates, values, score, share, decision, why, seen)
     select $1, configuration, rung, update, array[update], array[score], score, share, decision, why, seen
     from json_to_recordset($2::json) as row (configuration integer, rung integer, update integer, score double precision,
       share double precision, decision text, why text, seen integer)`,
    [sweepId, JSON.stringify(rows)],
  );
}

/** Logs that stopped configurations resume, and how many arrivals that decision considered. */
export async function logResumed(
  manager: Asked,
  sweepId: string,
  resumed: readonly { configuration: number; why: string }[],
  seen: number,
): Promise<void> {
  await manager.query(
    `update verdicts set later_seen = $3, later_why = row.why
     from json_to_recordset($2::json) as row (configuration integer, why text)
     where verdicts.sweep_id = $1 and verdicts.configuration = row.configuration and verdicts.sequence = (
       select max(sequence) from verdicts last where last.sweep_id = $1 and last.configuration = row.configuration)`,
    [sweepId, JSON.stringify(resumed), seen],
  );
}

/** Whether a seed of a configuration ended without a result: until it is retried, the configuration has no value. By trials_of_sweep. */
export async function hasFailed(
  manager: Asked,
  { sweepId, configuration }: { sweepId: string; configuration: number },
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select from trials where sweep_id = $1 and ${seedsOf('$2', '$1')} and state in ('diverged', 'failed') limit 1`,
    [sweepId, configuration],
  );
  return rows.length > 0;
}

/** How many other trials of a sweep can be claimed or run, and how many have completed. trials_by_state counts. */
export async function otherTrials(
  manager: Asked,
  sweepId: string,
  trialIds: readonly string[],
): Promise<{ open: number; completed: number }> {
  const [row] = await manager.query<{ open: number; completed: number }[]>(
    `select count(*) filter (where state <> 'completed' and id <> all($2))::integer as open,
            count(*) filter (where state = 'completed')::integer as completed
     from trials where sweep_id = $1 and state in ('pending', 'running', 'completed')`,
    [sweepId, trialIds],
  );
  return row!;
}
