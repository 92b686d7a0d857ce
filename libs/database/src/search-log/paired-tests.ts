import type { Objective, SweepSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { numberedAs } from '../seeds-of';

/** A sweep whose configurations are compared seed by seed before all of their seeds start. */
export interface PairedSweep {
  id: string;
  spec: SweepSpec;
  objective: Objective;
  /** The number of seeds of a configuration. */
  seeds: number;
}

/** The running sweeps with a paired test and seeds that wait for it. Sweeps are few; trials_held answers the subquery. */
export function pairedSweeps(manager: EntityManager): Promise<PairedSweep[]> {
  return manager.query(
    `select id, spec, objective, total / configurations as seeds from sweeps
     where state = 'running' and exists (select from trials where sweep_id = sweeps.id and state = 'pending' and held)
     order by created_at, id`,
  );
}

/** A configuration whose first seeds have ended while the others wait. */
export interface WaitingConfiguration {
  configuration: number;
  /** The values of the seeds that have ended; NaN for one that has none or did not complete. */
  values: number[];
}

/**
 * The configurations of a sweep of which no seed can be claimed or runs, and some wait. trials_held finds them, trials_of_sweep their
 * seeds. The caller has locked the sweep's row.
 */
export function waitingConfigurations(
  manager: EntityManager,
  { id, seeds }: PairedSweep,
): Promise<WaitingConfiguration[]> {
  return manager.query(
    `select waiting.configuration, came.values
     from (select distinct configuration from trials where sweep_id = $1 and state = 'pending' and held) waiting
     cross join lateral (
       select array_agg(case when state = 'completed' then coalesce(value, 'NaN') else 'NaN' end order by number) as values,
              bool_or(state in ('pending', 'running')) as is_open
       from trials where sweep_id = $1 and ${numberedAs('waiting.configuration', '$2')} and not held
     ) came
     where not is_open order by waiting.configuration`,
    [id, seeds],
  );
}

/**
 * The best configuration by its mean of those whose seeds have all completed, with their values; undefined before the first.
 * configurations_by_score gives the order, trials_of_sweep the seeds.
 */
export async function bestComplete(
  manager: EntityManager,
  { id, seeds }: PairedSweep,
): Promise<{ configuration: number; values: number[] } | undefined> {
  const [best] = await manager.query<{ configuration: number; values: number[] }[]>(
    `select configurations.configuration, came.values from configurations
     cross join lateral (
       select array_agg(value order by number) as values, bool_and(state = 'completed') as is_complete
       from trials where sweep_id = $1 and ${numberedAs('configurations.configuration', '$2')}
     ) came
     where sweep_id = $1 and score is not null and repeats = $2 and is_complete
     order by score, configurations.configuration limit 1`,
    [id, seeds],
  );
  return best;
}

/** Lets workers claim the first `count` seeds of a configuration, or all if it has fewer. trials_held finds them. */
export async function releaseSeeds(
  manager: EntityManager,
  { id, seeds }: PairedSweep,
  configuration: number,
  count: number,
): Promise<void> {
  await manager.query(
    `update trials set held = false
     where sweep_id = $1 and configuration = $2 and number < $3 and state = 'pending' and held`,
    [id, configuration, configuration * seeds + count],
  );
}

/** A paired test as it is logged, with the values that it was based on. */
export interface StoredPairedTest {
  configuration: number;
  /** The number of seeds that were compared. */
  seeds: number;
  values: number[];
  /** The configuration that it was compared with, and the values of all of that one's seeds. */
  against: number;
  againstValues: number[];
  p: number;
  decision: 'continue' | 'stop';
  why: string;
}

/** Logs a paired test. */
export async function insertPairedTest(
  manager: EntityManager,
  sweepId: string,
  { configuration, seeds, values, against, againstValues, p, decision, why }: StoredPairedTest,
): Promise<void> {
  await manager.query(
    `insert into paired_tests (sweep_id, configuration, seeds, values, against, against_values, p, decision, why)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [sweepId, configuration, seeds, values, against, againstValues, p, decision, why],
  );
}

/** All paired tests of a sweep, in the order of the primary key. */
export function sweepPairedTests(manager: Pick<EntityManager, 'query'>, sweepId: string): Promise<StoredPairedTest[]> {
  return manager.query(
    `select configuration, seeds, values, against, against_values as "againstValues", p, decision, why from paired_tests
     where sweep_id = $1 order by configuration, seeds`,
    [sweepId],
  );
}
