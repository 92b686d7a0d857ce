import { priorities, priorityWeights } from '@unroll/contracts';
import { indexPlans } from '../index-plans';
import { quotaReached } from '../shares/quota-reached';
import { sweepLock } from '../sweeps/sweep-lock';

/** SQL: less is served first. The trainer that asks is about to be free: what it ran does not count. */
const standing = (node: string, isBusy: string): string =>
  `(greatest(${node}.running - coalesce((${isBusy})::integer, 0), 0) + ${node}.recent) / ${node}.weight`;

const weights = priorities.map((name) => `when '${name}' then ${priorityWeights[name]}`).join(' ');

/**
 * The running sweep that the next trainer belongs to, or null. Of teams with work, then of members, then of priorities, the one that stands
 * lowest: fewest trainers now and on the mean of late, for its weight. Of its sweeps, the oldest with a trial that can start.
 *
 * Nobody starves: while one has nothing, its standing falls towards 0, and that of whoever is served does not.
 */
const nextSweepOf = (
  name: string,
  parameters: string,
  more: { sweeps?: string; trials?: string } = {},
): string => `create or replace function ${name}(${parameters}busy_team text, busy_member text, busy_priority text, tried text[])
  returns text language plpgsql as $$
  declare
    team record;
    person record;
    class record;
    sweep record;
  begin
    for team in select * from shares node where member = '' and priority = ''
      order by ${standing('node', 'team_id = busy_team')}, team_id
    loop
      continue when not exists (select from sweeps where sweeps.team_id = team.team_id and state = 'running')
        or ${quotaReached('team')};
      for person in select * from shares node where node.team_id = team.team_id and priority = '' and member <> ''
        order by ${standing('node', 'node.team_id = busy_team and member = busy_member')}, member
      loop
        continue when not exists (
            select from sweeps where sweeps.team_id = team.team_id and owner = person.member and state = 'running')
          or ${quotaReached('person')};
        for class in select * from shares node where node.team_id = team.team_id and node.member = person.member and priority <> ''
          order by ${standing(
            'node',
            'node.team_id = busy_team and node.member = busy_member and priority = busy_priority',
          )}, weight desc
        loop
          for sweep in select id, concurrent_trials as most from sweeps
            where sweeps.team_id = team.team_id and owner = person.member and sweeps.priority = class.priority and state = 'running'
              and asked is null${more.sweeps ?? ''}
            order by created_at, id
          loop
            continue when sweep.id = any(tried)
              or not exists (select from trials where sweep_id = sweep.id and state = 'pending' and not held${more.trials ?? ''})
              or (sweep.most is not null
                and sweep.most <= (select count(*) from trials where sweep_id = sweep.id and state = 'running'));
            return sweep.id;
          end loop;
        end loop;
      end loop;
    end loop;
    return null;
  end $$`;

/** Whatever it requires: for those who show it, and for workers of older versions, which learn from the schema that they are. */
const nextSweep = nextSweepOf('next_sweep', '');
/** Of those whose requirements a worker with these labels meets, and with trials that it can hold. Null: none. */
const nextSweepFor = nextSweepOf('next_sweep_for', 'own jsonb, too_large text[], ', {
  sweeps: `
              and (requires is null or requires <@ own)`,
  trials: ' and signature <> all(too_large)',
});

/**
 * Prepares a claim of a running sweep. Where it has a limit, claims of it take turns, and, where they have quotas of lanes, those of its
 * team and owner: counting what runs and claiming are one step, and no limit is exceeded. Without one, claims only share the sweep, so that
 * whoever changes it waits for them (lockSweep), and they for whoever has begun to. Its row is not locked. Rows of shares are locked from
 * the team downwards, as everywhere. `room`: trials that may start now; null: any number.
 */
const lockForClaim = `create or replace function lock_for_claim(wanted text)
  returns table (id text, objective jsonb, stopping json, objectives json, team_id text, owner text, priority text, room bigint,
    schema double precision) language plpgsql as $$
  #variable_conflict use_column
  declare
    most integer;
    node record;
  begin
    if (select concurrent_trials is null from sweeps where sweeps.id = wanted) then
      perform pg_advisory_xact_lock_shared(${sweepLock('wanted')});
    else
      perform pg_advisory_xact_lock(${sweepLock('wanted')});
    end if;
    select sweeps.id, sweeps.objective, spec -> 'stopping', spec -> 'objectives', sweeps.team_id, sweeps.owner, sweeps.priority,
           concurrent_trials, (select max(timestamp) from migrations)
    into lock_for_claim.id, lock_for_claim.objective, lock_for_claim.stopping, lock_for_claim.objectives, lock_for_claim.team_id,
         lock_for_claim.owner, lock_for_claim.priority, most, lock_for_claim.schema
    from sweeps where sweeps.id = wanted and state = 'running' and asked is null;
    if not found then
      return;
    end if;
    if most is not null then
      lock_for_claim.room := most - (select count(*) from trials where sweep_id = wanted and state = 'running');
    end if;
    if exists (select from shares where shares.team_id = lock_for_claim.team_id and shares.member in ('', lock_for_claim.owner)
               and shares.priority = '' and (lanes is not null or gpu_hours is not null)) then
      for node in select member, lanes, gpu_hours, spent from shares where shares.team_id = lock_for_claim.team_id
        and member in ('', lock_for_claim.owner) and shares.priority = '' order by member for no key update
      loop
        lock_for_claim.room := least(lock_for_claim.room,
          case when node.spent >= node.gpu_hours * 3600 then 0 end,
          case when node.lanes is not null then node.lanes - (
            select count(*) from attempts where state = 'running' and attempts.team_id = lock_for_claim.team_id
              and (node.member = '' or attempts.owner = node.member)) end);
      end loop;
    end if;
    return next;
  end $$`;

/**
 * Counts one more trainer for a team, a member and a priority. A node that another claim counts at the same moment is left alone: the
 * leader counts all of them within a second, and claims do not wait for each other. An idle node has not aged in the meantime.
 */
const takeSlot = `create or replace function take_slot(team text, person text, class text) returns void language plpgsql as $$
  begin
    update shares set running = shares.running + 1, as_of = greatest(shares.as_of, clock_timestamp() - interval '5 seconds')
    from (
      select team_id, member, priority from shares
      where team_id = team and ((member = '' and priority = '') or (member = person and priority in ('', class)))
      for no key update skip locked
    ) free where shares.team_id = free.team_id and shares.member = free.member and shares.priority = free.priority;
  end $$`;

/** The nodes of a sweep, where they are missing. */
const addShares = `create or replace function add_shares(team text, person text, class text) returns void language plpgsql as $$
  begin
    insert into shares (team_id, member, priority, weight)
    values (team, '', '', 1), (team, person, '', 1), (team, person, class, case class ${weights} end)
    on conflict do nothing;
  end $$`;

const sweepShared = [
  `create or replace function sweep_shared() returns trigger language plpgsql as $$
  begin
    perform add_shares(new.team_id, new.owner, new.priority);
    return null;
  end $$`,
  `create or replace trigger sweeps_shared after insert on sweeps for each row execute function sweep_shared()`,
];

/**
 * Logs what an attempt used when it ends, whatever ends it: for its team, if it has one, and for its sweep, if that counts hours. A leader
 * empties the logs (fold-usage.ts); each has only what leaders of every version add up from it. Renewals do not name the state of an
 * attempt, and cost nothing.
 */
const attemptEnded = [
  `create or replace function attempt_ended() returns trigger language plpgsql ${indexPlans} as $$
  declare
    stopped timestamptz := coalesce(new.finished_at, clock_timestamp());
  begin
    if new.team_id <> '' then
      insert into usage_log (team_id, member, began, ended, lanes) values (new.team_id, new.owner, new.started_at, stopped, new.lanes);
    end if;
    insert into sweep_usage_log (sweep_id, seconds)
    select sweeps.id, extract(epoch from stopped - new.started_at) / new.lanes
    from trials join sweeps on sweeps.id = sweep_id where trials.id = new.trial_id and gpu_hours is not null;
    return null;
  end $$`,
  `create or replace trigger attempts_ended after update of state on attempts for each row
   when (old.state = 'running' and new.state <> 'running') execute function attempt_ended()`,
];

export const shares = [addShares, nextSweep, nextSweepFor, lockForClaim, takeSlot, ...sweepShared, ...attemptEnded];
