import type { Objective, SweepSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import type { EarlierConfiguration } from '../entities/sweep';
import type { LoggedProposal } from '../search-log/proposals';
import { withinQuotas } from '../shares/quota-reached';
import { fleetMayHold, mayHold } from '../memory/may-hold';
import { claimable } from '../trials/transitions/claim';
import { pendingTrials, trialRows, type NewTrial } from '../trials/transitions/propose';

export interface UnproposedSweep {
  id: string;
  teamId: string;
  spec: SweepSpec;
  objective: Objective;
  concurrentTrials: number | null;
  earlier: EarlierConfiguration[];
  datasets: Record<string, string>;
  proposed: number;
  edits: number;
  total: number;
  /** Of a study: how many trials are to be in flight. */
  asked: number | null;
  /** Trials that can be claimed. */
  pending: number;
}

/** Running sweeps that may get more trials, with their numbers of trials that can be claimed. Sweeps are few; trials_pending counts. */
export function unproposedSweeps(manager: EntityManager): Promise<UnproposedSweep[]> {
  return manager.query(
    `select id, team_id as "teamId", spec, objective, concurrent_trials as "concurrentTrials", earlier, datasets, proposed, edits, total, asked,
            (select count(*) from trials where sweep_id = sweeps.id and ${claimable})::integer as pending
     from sweeps where state = 'running' and proposed < total order by created_at, id`,
  );
}

/**
 * Adds the next trials of a sweep, and logs what an adaptive search based them on, unless the sweep was stopped or edited, or another
 * leader has added them: in one statement.
 */
export async function insertTrials(
  manager: EntityManager,
  { id: sweepId, proposed, edits }: Pick<UnproposedSweep, 'id' | 'proposed' | 'edits'>,
  trials: readonly NewTrial[],
  log?: LoggedProposal,
): Promise<boolean> {
  const [{ count }] = await manager.query<[{ count: number }]>(
    `with changed as (
       update sweeps set proposed = $3 where id = $1 and proposed = $2 and edits = $4 and state = 'running' returning id
     ), logged as (
       insert into proposals (sweep_id, first, lanes, learned, parameters)
       select id, $6::integer, $7::integer, $8::json, $9::json from changed where $6 is not null
     ), inserted as (
       ${pendingTrials('$5', 'changed')}
     )
     select count(*)::integer as count from changed`,
    [
      ...[sweepId, proposed, proposed + trials.length, edits, trialRows(trials)],
      ...[log?.first ?? null, log?.lanes ?? null, jsonOf(log?.learned), jsonOf(log?.parameters)],
    ],
  );
  return count > 0;
}

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

export interface ClaimableWork {
  sweepId: string;
  signature: string;
  trials: number;
  /** Trainers of all live workers that take trials: no more claims can follow from tickets at a time. */
  trainers: number;
}

/** SQL: a worker that was seen in the last $2 seconds, and was not asked to leave. */
const takesTrials = `last_seen > clock_timestamp() - make_interval(secs => $2) and drain is null`;

/**
 * Trials that a worker could claim now, by sweep and signature, oldest sweep first: tickets are issued for them. Quotas hold. A sweep that
 * requires labels has none while no worker with them is free, and likewise a signature that not every device holds: others would take
 * the tickets in vain. `seconds`: since when it was seen.
 */
export async function claimableWork(manager: EntityManager, most: number, seconds: number): Promise<ClaimableWork[]> {
  return manager.query(
    `with free as (
       select labels, memory_class, room from workers left join (
         select worker_id, count(distinct group_id) as groups from attempts where state = 'running' group by worker_id
       ) busy on worker_id = workers.id
       where ${takesTrials} and coalesce(groups, 0) < slots
     )
     select sweep_id as "sweepId", signature, count(*)::integer as trials,
            (select coalesce(sum(slots), 0)::integer from workers where ${takesTrials}) as trainers from (
       select sweeps.id as sweep_id, sweeps.created_at, requires, waiting.signature from sweeps
       cross join lateral (
         select signature from trials where sweep_id = sweeps.id and ${claimable} order by number
         limit least($1, case when concurrent_trials is null then $1 else greatest(0, concurrent_trials -
           (select count(*) from trials where sweep_id = sweeps.id and state = 'running')) end)
       ) waiting where sweeps.state = 'running' and sweeps.asked is null and ${withinQuotas}
         and (requires is null or exists (select from free where labels @> requires))
     ) claimable group by sweep_id, created_at, signature, requires
     having not exists (
       select from signature_memory needs where needs.signature = claimable.signature
         and not exists (select from free where (requires is null or labels @> requires) and ${mayHold('least', 'memory_class', 'room')})
         and ${fleetMayHold(`(select fleet_memory(''))`, 'least')})
     order by created_at, sweep_id limit $1`,
    [most, seconds],
  );
}
