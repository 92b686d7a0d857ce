import { enginesWithLanes } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { meanOf, scaleOf } from '../large-values';
import { claimable } from '../trials/transitions/claim';
import type { StoredVerdict } from './verdicts';

/** One batch of proposals of an adaptive search, and the outcomes that it received since the batch before. */
export interface LoggedProposal {
  first: number;
  /** How many of them agree in structure. */
  lanes: number;
  /** `others`: with several objectives, the values of all but the first; lower is better. */
  learned: [number: number, value: number | null, share: number, others?: (number | null)[]][];
  parameters: Record<string, unknown>[];
}

type Asked = Pick<DataSource | EntityManager, 'query'>;

/** The proposals of a sweep's search from configuration `from` on, and below `to`, in the order of the primary key. */
export function loggedProposals(manager: Asked, sweepId: string, from = 0, to?: number): Promise<LoggedProposal[]> {
  return manager.query(
    `select first, lanes, learned, parameters from proposals
     where sweep_id = $1 and first >= $2 and ($3::integer is null or first < $3) order by first`,
    [sweepId, from, to ?? null],
  );
}

export interface FinishedConfiguration {
  configuration: number;
  /** Mean over its seeds; null if none has a value, one is infinite, or one has diverged or failed. */
  value: number | null;
  /** Fraction of the training of its seeds that was done, if a rule pruned it; else 1. Seeds that never started do not count. */
  share: number;
  /** Metrics of each of its seeds, if there are several objectives. */
  metrics: Record<string, number>[] | null;
}

/**
 * Those of the configurations whose trials have all ended, in the order in which they ended. `numbers`: of their trials, found by
 * trials_of_sweep. How many updates a training in epochs has, its last verdict tells.
 */
export function finishedConfigurations(
  manager: EntityManager,
  sweepId: string,
  numbers: readonly number[],
  withMetrics = false,
): Promise<FinishedConfiguration[]> {
  return manager.query(
    `select configuration, case when not bool_or(state in ('diverged', 'failed'))
              then nullif(nullif(${meanOf('value', 'number')}, 'Infinity'), '-Infinity') end as value,
            case when bool_or(state = 'pruned')
              then least(1, coalesce(avg(coalesce(updates / (spec -> 'training' ->> 'updates')::double precision,
                  case when state = 'completed' then 1 else updates / judged.whole end) order by number)
                filter (where started_at is not null), 0.5)) else 1 end as share,
            case when $3 then jsonb_agg(metrics order by number) end as metrics
     from (
       select *, ${scaleOf('value', 'partition by configuration')} from trials where sweep_id = $1 and number = any($2)
     ) trials left join lateral (
       select update / share as whole from verdicts
       where verdicts.sweep_id = $1 and verdicts.configuration = trials.configuration and trials.state = 'pruned' order by rung desc limit 1
     ) judged on true
     group by configuration having bool_and(state not in ('pending', 'running'))
     order by max(finished_at), configuration`,
    [sweepId, numbers, withMetrics],
  );
}

/** Those of some configurations of which a trial was retried. trials_retried finds the few that there are. */
export async function retriedConfigurations(
  manager: EntityManager,
  sweepId: string,
  configurations: readonly number[],
): Promise<number[]> {
  const rows = await manager.query<{ configuration: number }[]>(
    `select distinct configuration from trials where sweep_id = $1 and retried_at is not null and configuration = any($2)
     order by configuration`,
    [sweepId, configurations],
  );
  return rows.map(({ configuration }) => configuration);
}

/** Counts the running trials of a sweep and those that can be claimed, by trials_by_state and trials_pending. */
export async function openConfigurations(manager: EntityManager, sweepId: string): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(
    `select count(*)::integer as count from trials where sweep_id = $1 and (state = 'running' or (${claimable}))`,
    [sweepId],
  );
  return row!.count;
}

/** Lanes of the live workers: in total, and the most in one trainer of an engine on which lanes pay off. */
export async function fleetLanes(manager: Asked, seconds: number): Promise<{ all: number; one: number }> {
  const rows: { all: number; one: number }[] = await manager.query(
    `select coalesce(sum(lanes * greatest(1, cardinality(trainers))), 0)::integer as all, coalesce(max(lanes) filter (where engine = any($2)), 1)::integer as one
     from workers where last_seen > clock_timestamp() - make_interval(secs => $1)`,
    [seconds, enginesWithLanes],
  );
  return rows[0]!;
}

/** The parameters drawn for each configuration from `from` on, and below `to`, in order. */
export function proposedTrials(
  manager: Asked,
  sweepId: string,
  from = 0,
  to?: number,
): Promise<{ configuration: number; parameters: Record<string, unknown> }[]> {
  return manager.query(
    `select distinct on (configuration) configuration, coalesce(drawn, parameters) as parameters from trials
     where sweep_id = $1 and configuration >= $2 and ($3::integer is null or configuration < $3) order by configuration, number`,
    [sweepId, from, to ?? null],
  );
}

/** `laterSeen`: the number of arrivals considered when a later verdict stopped the configuration; null if none did. */
export type LoggedVerdict = StoredVerdict & { rung: number; laterSeen: number | null };

/** All verdicts of a sweep, by rung, in the order of arrival. */
export function sweepVerdicts(manager: Asked, sweepId: string): Promise<LoggedVerdict[]> {
  return manager.query(
    `select rung, configuration, update, updates, values, score, decision, why, later_seen as "laterSeen" from verdicts
     where sweep_id = $1 order by rung, sequence`,
    [sweepId],
  );
}
