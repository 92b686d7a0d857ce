import {
  isExploiting,
  stoppingRuleNames,
  type Compared,
  type Labels,
  type MemoryClass,
  type Objective,
  type StoppingSpec,
  type Ticket,
} from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { indexPlans } from '../../index-plans';
import { schemaVersion } from '../../schema-version';
import { unflushed } from '../../unflushed';
import { movedBy } from '../lifecycle';
import { claimedTrial, type Account, type BegunTrial, type ClaimedTrial } from './begin-attempts';

/** A worker, and how much it can train at once. */
export interface Claimant {
  workerId: string;
  host: string;
  engine: string;
  /** Most trials that it trains side by side. */
  lanes: number;
  /** The same for signatures of which more is known. */
  lanesBySignature?: Readonly<Record<string, number>>;
  leaseSeconds: number;
  /** Sweeps that require others are left to others. */
  labels?: Labels;
  /** Its device. */
  memoryClass?: MemoryClass | undefined;
  /** Bytes of its memory, and what lanes of a trainer may take of it; undefined where it is not known. */
  room?: number | undefined;
  laneRoom?: number | undefined;
}

/** Trials for one trainer to train side by side; each has an attempt with a lease. */
export interface Claim {
  groupId: string;
  sweepId: string;
  signature: string;
  comparisonKey: string;
  account: Account;
  objective: Objective;
  /** Where there are several. */
  objectives: Compared[] | null;
  stopping: StoppingSpec;
  /** Most lanes of the group; null: any number. */
  mostLanes: number | null;
  trials: ClaimedTrial[];
}

/** The schema is no longer the one that this build was made for. The message is one line. */
export class SchemaMoved extends Error {
  override readonly name = 'SchemaMoved';
  constructor() {
    super('the database has the schema of another version of Unroll: this worker claims no more trials; update it');
  }
}

/** A trial that can be claimed: `state = 'pending' and not held`, as the partial indexes have it. */
export const claimable = `${movedBy('claim')} and not held`;
/** Sweeps that are tried in turn: others may take what is there. */
const mostTried = 8;

/**
 * Claims up to `lanes` pending trials that can be trained together, or nothing. Whose they are follows from the shares of teams and members
 * (schema/shares.ts). The preference is a hint: trials of its signature come first if its sweep is next. `busy`: on whose account the
 * trainer that asks has run until now.
 *
 * It does not wait for the disk. A crash of PostgreSQL, or a replica that takes over, may undo it: the database does not know the attempts
 * then, so that whatever the worker sends of them is refused, and their trials are pending again. What a worker commits later is written
 * after it.
 */
export async function claimTrials(
  dataSource: DataSource,
  claimant: Claimant,
  preference?: Ticket,
  busy?: Account,
): Promise<Claim | undefined> {
  const tried: string[] = [];
  while (tried.length < mostTried) {
    const [{ found }] = await dataSource.query<[{ found: Found | null }]>(
      `with ${unflushed} select claim_trials($1, $2, $3, $4) as found from unflushed`,
      [claimantDocument(claimant), documentOf(preference), documentOf(busy), tried],
    );
    if (!found) return undefined;
    requireSchema(found.schema);
    if (found.claim) return claimOf(found.sweepId, found.claim);
    tried.push(found.sweepId);
  }
  return undefined;
}

/** What claim_trials returns of a sweep. */
interface Found {
  sweepId: string;
  claim?: Pick<Claim, 'groupId' | 'objective' | 'objectives' | 'account'> & {
    /** Null in a sweep of the first version. */
    stopping: StoppingSpec | null;
    trials: BegunTrial[];
  };
  /** Set if it is not the one that the claimant knows. */
  schema?: number;
}

/** @throws SchemaMoved */
export function requireSchema(schema: number | undefined): void {
  if (schema !== undefined) throw new SchemaMoved();
}

const documentOf = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

/** A claimant as the functions of the database take it. */
export const claimantDocument = (claimant: Claimant): string => JSON.stringify({ ...claimant, schema: schemaVersion });

function claimOf(sweepId: string, { trials, stopping, ...claim }: NonNullable<Found['claim']>): Claim {
  const { signature, comparisonKey } = trials[0]!;
  const limits = trials.flatMap(({ mostLanes }) => mostLanes ?? []);
  return {
    ...{ ...claim, sweepId, signature, comparisonKey },
    stopping: stopping ?? { rule: 'none' },
    mostLanes: limits.length > 0 ? Math.min(...limits) : null,
    trials: trials.map(claimedTrial),
  };
}

/** SQL: the rules under which trials copy each other's states. */
const exploiting = stoppingRuleNames
  .filter(isExploiting)
  .map((rule) => `'${rule}'`)
  .join(', ');

/** What a trial forgets when it runs again: what it reached, if it starts over. One that continues has it still. */
export const forgotten = `value = case when checkpoint_update > 0 then value end,
               metrics = case when checkpoint_update > 0 then metrics else '{}' end, updates = checkpoint_update, sample = null, message = null`;

/** A trial that has begun, or whose number of lanes is limited: trials_apart has those that can be claimed, mostly none. */
const apart = '(checkpoint_update > 0 or most_lanes is not null)';

/** Trials at the same update, which come first in the direction of the sweep; those whose number of lanes is limited come last. */
const abreast = `select id, fresh from (
        select id, started_at is null as fresh, row_number() over places as place, min(coalesce(most_lanes, most)) over places as least
        from (
          select *, first_value(checkpoint_update) over (order by most_lanes is not null, checkpoint_update * direction, number) as first_update
          from (
            select id, number, most_lanes, checkpoint_update, started_at from trials
            where sweep_id = next and ${claimable} and signature = wanted
            order by most_lanes is not null, checkpoint_update * direction, number limit most for update skip locked
          ) as locked
        ) as ordered
        where checkpoint_update = first_update
        window places as (order by most_lanes is not null, number)
      ) as ranked where place <= least`;

/** Begins the trials that `chosen` selects. */
const take = (chosen: string): string => `with chosen as (
        ${chosen}
      ), changed as (
        update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = claimant ->> 'engine',
               lanes = (select count(*) from chosen), ${forgotten}
        from chosen where trials.id = chosen.id returning trials.id, fresh
      )
      select array_agg(id), array_agg(id) filter (where not fresh) into taken, again from changed;`;

/**
 * SQL: the settings of functions that claim, whose plans are generic. The first trials of an order are read from the index that has it,
 * whatever the statistics say: as trials of a sweep mostly share their signature, `signature <> all(too_large)` seems to leave none, and
 * PostgreSQL would read and sort all that wait.
 */
export const claimPlans = `set plan_cache_mode = force_generic_plan ${indexPlans} set enable_bitmapscan = off set enable_sort = off`;

/**
 * Claims trials of the sweep that is next, in one statement and one transaction. Returns null if there is none; else the sweep, and the
 * claim where one of its trials could be had. Claims of a sweep do not wait for each other unless it has a limit: each takes rows that
 * nobody else has locked. All lanes continue from the same update: their batches then have equal lengths. Trials whose number of lanes is
 * limited come last, and no more are taken than the strictest of them allows. Trials that the claimant's device cannot hold, while
 * another worker's can, are left to others, and of a signature whose needs are known no more are taken than it holds.
 *
 * Plans are generic, as those of commit_work: left to itself, PostgreSQL 18 plans five of the statements in each claim, a third of what it
 * costs.
 */
export const claimFunction = `create or replace function claim_trials(claimant json, preferred json, busy json, tried text[]) returns json language plpgsql
  ${claimPlans} as $$
  declare
    -- Whether there is anything that fewer lanes of the claimant hold than it asks for: nearly always not.
    is_noted boolean := exists (
      select from signature_memory where most > (claimant ->> 'laneRoom')::double precision / (claimant ->> 'lanes')::integer);
    too_large text[] := case when is_noted then too_large_for(claimant) else '{}' end;
    next text := next_sweep_for((claimant ->> 'labels')::jsonb, too_large, busy ->> 'teamId', busy ->> 'owner', busy ->> 'priority', tried);
    sweep record;
    wanted text;
    most integer;
    -- A population advances together: trials that are behind come first.
    direction integer := -1;
    taken text[];
    again text[];
    group_id text := new_id();
    claimed json;
  begin
    if next is null then
      return null;
    end if;
    select * into sweep from lock_for_claim(next);
    if sweep.schema <> (claimant ->> 'schema')::double precision then
      return json_build_object('schema', sweep.schema);
    end if;
    if sweep.id is null or sweep.room < 1 then
      return json_build_object('sweepId', next);
    end if;
    if sweep.stopping ->> 'rule' = any(array[${exploiting}]) then
      direction := 1;
    end if;
    -- trials_claimable finds the preferred signature and its trials, trials_pending the oldest pending trial otherwise.
    if preferred ->> 'sweepId' = next then
      select signature into wanted from trials where sweep_id = next and ${claimable} and signature = preferred ->> 'signature'
        and signature <> all(too_large) limit 1 for update skip locked;
    end if;
    if wanted is null then
      select signature into wanted from trials where sweep_id = next and ${claimable} and signature <> all(too_large)
      order by number limit 1 for update skip locked;
    end if;

    most := least(sweep.room, coalesce((claimant -> 'lanesBySignature' ->> wanted)::integer, (claimant ->> 'lanes')::integer));
    if is_noted then
      most := least(most, (
        select greatest(1, floor((claimant ->> 'laneRoom')::double precision / (bytes ->> (claimant ->> 'memoryClass'))::double precision))::integer
        from signature_memory where signature = wanted));
    end if;
    if exists (select from trials where sweep_id = next and ${claimable} and signature = wanted and ${apart}) then
      ${take(abreast)}
    else
      -- All of them are at their start: the first ones are found without a look at the others. One that comes meanwhile is left alone.
      ${take(`select id, started_at is null as fresh from trials where sweep_id = next and ${claimable} and signature = wanted
        and not ${apart} order by number limit most for update skip locked`)}
    end if;
    if taken is null then
      return json_build_object('sweepId', next);
    end if;

    claimed := begin_attempts(claimant, group_id, cardinality(taken), sweep.team_id, sweep.owner, sweep.priority, taken, again);
    -- A trainer that stays with whom it worked for is counted already.
    if (busy ->> 'teamId', busy ->> 'owner', busy ->> 'priority') is distinct from (sweep.team_id, sweep.owner, sweep.priority) then
      perform take_slot(sweep.team_id, sweep.owner, sweep.priority);
    end if;
    return json_build_object('sweepId', next, 'claim', json_build_object('groupId', group_id, 'objective', sweep.objective,
      'objectives', sweep.objectives, 'stopping', sweep.stopping,
      'account', json_build_object('teamId', sweep.team_id, 'owner', sweep.owner, 'priority', sweep.priority), 'trials', claimed));
  end $$`;
