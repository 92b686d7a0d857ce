import type { DataSource } from 'typeorm';
import { unflushed } from '../../unflushed';
import { runningAttempts } from '../lock-attempts';
import { claimedTrial, type BegunTrial, type ClaimedTrial } from './begin-attempts';
import { claimable, claimantDocument, claimPlans, forgotten, requireSchema, type Claim, type Claimant } from './claim';

/**
 * Claims up to `free` pending trials of a group's sweep and signature for lanes that others have left. They may be at any update; a
 * trial whose number of lanes is limited waits for a group of its own. The rows of all attempts that run in the group record its
 * largest number of lanes. `training`: the group's attempts whose lanes still exist; the ends of others may not be written yet.
 * Undefined: all that run. `yields`: the group takes no more if its trainer is due to someone else. Returns the trials; none if there is
 * no work. As a claim, it does not wait for the disk.
 */
export async function joinGroup(
  dataSource: DataSource,
  claimant: Claimant,
  { sweepId, signature, groupId }: Pick<Claim, 'sweepId' | 'signature' | 'groupId'>,
  free: number,
  training?: readonly string[],
  yields = false,
): Promise<ClaimedTrial[]> {
  const [{ joined }] = await dataSource.query<[{ joined: { trials: BegunTrial[]; schema?: number } | null }]>(
    `with ${unflushed} select join_group($1, $2, $3, $4, $5, $6, $7) as joined from unflushed`,
    [claimantDocument(claimant), sweepId, signature, groupId, free, training ?? null, yields],
  );
  requireSchema(joined?.schema);
  return (joined?.trials ?? []).map(claimedTrial);
}

/**
 * Claims up to `free` more trials for a group in training, as claim_trials does; null if there are none. `training`: its attempts whose
 * lanes still exist; null: all that run. `yields`: it takes none if its trainer is due to someone else. Attempts are locked before trials,
 * as everywhere.
 */
export const joinFunction = `create or replace function join_group(claimant json, sweep_of text, signature_of text, group_of text, free integer,
    training text[], yields boolean) returns json language plpgsql
  ${claimPlans} as $$
  #variable_conflict use_column
  declare
    sweep record;
    other record;
    beside text[];
    taken text[];
    again text[];
    all_lanes integer;
    joined json;
  begin
    if not exists (select from trials where sweep_id = sweep_of and signature = signature_of and ${claimable} and most_lanes is null) then
      return null;
    end if;
    select * into sweep from lock_for_claim(sweep_of);
    if sweep.schema <> (claimant ->> 'schema')::double precision then
      return json_build_object('schema', sweep.schema);
    end if;
    if sweep.id is null or least(free, sweep.room) < 1 then
      return null;
    end if;
    if yields then
      select team_id, owner, priority into other from sweeps where id = next_sweep_for((claimant ->> 'labels')::jsonb, too_large_for(claimant),
        sweep.team_id, sweep.owner, sweep.priority, '{}');
      if found and other is distinct from (sweep.team_id, sweep.owner, sweep.priority) then
        return null;
      end if;
    end if;
    if training is null then
      beside := array(select id from attempts where group_id = group_of and state = 'running' order by id for update);
    else
      beside := array(select id from (${runningAttempts('training', 'for update')}) as own where group_id = group_of);
    end if;

    with chosen as (
      select id, started_at is null as fresh from trials
      where sweep_id = sweep_of and signature = signature_of and ${claimable} and most_lanes is null
      order by number limit least(free, sweep.room) for update skip locked
    ), changed as (
      update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = claimant ->> 'engine', ${forgotten}
      from chosen where trials.id = chosen.id returning trials.id, fresh
    )
    select array_agg(id), array_agg(id) filter (where not fresh) into taken, again from changed;
    if taken is null then
      return null;
    end if;
    all_lanes := cardinality(beside) + cardinality(taken);
    joined := begin_attempts(claimant, group_of, all_lanes, sweep.team_id, sweep.owner, sweep.priority, taken, again);
    -- The rows of all attempts of the group record its largest number of lanes.
    with recorded as (
      update attempts set lanes = greatest(lanes, all_lanes)
      where id = any(beside || array(select each ->> 'attemptId' from json_array_elements(joined) as each)) returning trial_id, lanes
    )
    update trials set lanes = recorded.lanes from recorded where trials.id = recorded.trial_id;
    return json_build_object('trials', joined);
  end $$`;
