import type { Labels, Priority } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { fleetMayHold, mayHold } from '../memory/may-hold';
import { claimable } from '../trials/transitions/claim';

/** A running sweep with trials that could start, and what decides whether they do. */
export interface WaitingSweep {
  id: string;
  name: string;
  owner: string;
  priority: Priority;
  /** Trials that wait. */
  trials: number;
  /** Trials of the sweep that run. */
  running: number;
  concurrentTrials: number | null;
  /** Labels that a worker must have; null: none. */
  requires: Labels | null;
  /** Live workers that have them. */
  fitting: number;
  /** Trials that no live worker holds, but one that has left; bytes that the least of them needs, and of the largest live worker. */
  tooLarge: { trials: number; least: number | null; largest: number | null };
  team: QuotaUse;
  member: QuotaUse;
}

/** Quotas, null if there is none, and what is used of each. */
export interface QuotaUse {
  lanes: number | null;
  runningLanes: number;
  gpuHours: number | null;
  /** Trainer seconds in this month. */
  spent: number;
}

/**
 * The sweeps of a team, or one of them, that have trials which wait for a trainer; oldest first. trials_pending counts. `seconds`: since
 * when a worker must have been seen.
 */
export function waitingSweeps(
  dataSource: DataSource,
  teamId: string,
  { sweepId = null, limit, seconds }: { sweepId?: string | null; limit: number; seconds: number },
): Promise<WaitingSweep[]> {
  const use = (
    member: string,
  ): string => `(select json_build_object('lanes', lanes, 'gpuHours', gpu_hours, 'spent', spent,
    'runningLanes', (select count(*) from attempts where state = 'running' and attempts.team_id = sweeps.team_id
      and (shares.member = '' or attempts.owner = shares.member)))
    from shares where shares.team_id = sweeps.team_id and shares.member = ${member} and shares.priority = '')`;
  const isLive = 'last_seen > clock_timestamp() - make_interval(secs => $4)';
  return dataSource.query(
    `select id, name, owner, priority, concurrent_trials as "concurrentTrials", requires, pending.trials,
            (select count(*)::integer from workers where ${isLive}
               and labels @> coalesce(requires, '{}')) as fitting,
            (select json_build_object('trials', coalesce(sum(count), 0), 'least', min(need), 'largest', (select max(room) from workers where ${isLive}))
             from (select signature, count(*) from trials where sweep_id = sweeps.id and ${claimable} group by signature) pending
             cross join lateral (
               select least, (select min(value::double precision) from jsonb_each_text(least)) as need from signature_memory
               where signature = pending.signature offset 0
             ) needs
             where not exists (select from workers where ${isLive} and labels @> coalesce(requires, '{}') and ${mayHold('least', 'memory_class', 'room')})
               and ${fleetMayHold(`(select fleet_memory(''))`, 'least')}) as "tooLarge",
            (select count(*)::integer from trials where sweep_id = sweeps.id and state = 'running') as running,
            ${use(`''`)} as team, ${use('sweeps.owner')} as member
     from sweeps cross join lateral (
       select count(*)::integer as trials from trials where sweep_id = sweeps.id and ${claimable}
     ) pending
     where team_id = $1 and state = 'running' and asked is null and ($2::text is null or id = $2) and pending.trials > 0
     order by created_at, id limit $3`,
    [teamId, sweepId, limit, seconds],
  );
}

/** The fleet as a whole. */
export interface FleetUse {
  /** Live workers, and their trainers. */
  workers: number;
  trainers: number;
  /** Trainers at work. */
  busy: number;
  /** Those of them that work for the team. */
  own: number;
  /** The sweep that the next free trainer works for. */
  next: string | null;
}

/** What the fleet does, and what it would do next. `seconds`: since when a worker must have been seen. */
export async function fleetUse(dataSource: DataSource, teamId: string, seconds: number): Promise<FleetUse> {
  const [row] = await dataSource.query<[FleetUse]>(
    `select workers, trainers, busy, own, next_sweep(null, null, null, '{}') as next
     from (select count(*)::integer as workers, coalesce(sum(slots), 0)::integer as trainers from workers
           where last_seen > clock_timestamp() - make_interval(secs => $2)) live
     cross join (select count(distinct group_id)::integer as busy,
                        (count(distinct group_id) filter (where team_id = $1))::integer as own
                 from attempts where state = 'running' and team_id <> '') used`,
    [teamId, seconds],
  );
  return row;
}
