import { isExploiting, type Compared, type Objective, type StoppingSpec, type Ticket } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from '../../ids';
import { schemaVersion } from '../../schema-version';
import { movedBy } from '../lifecycle';
import { beginAttempts, type Account, type ClaimedTrial, type TakenRow } from './begin-attempts';

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
 */
export async function claimTrials(
  dataSource: DataSource,
  claimant: Claimant,
  preference?: Ticket,
  busy?: Account,
): Promise<Claim | undefined> {
  const tried: string[] = [];
  while (tried.length < mostTried) {
    const found = await dataSource.transaction((manager) => claimNext(manager, claimant, { preference, busy, tried }));
    if (typeof found !== 'string') return found;
    tried.push(found);
  }
  return undefined;
}

interface Asked {
  preference: Ticket | undefined;
  busy: Account | undefined;
  tried: readonly string[];
}

/** Claims from the sweep that is next. Returns its id if nothing of it could be claimed. */
async function claimNext(
  manager: EntityManager,
  claimant: Claimant,
  { preference, busy, tried }: Asked,
): Promise<Claim | string | undefined> {
  const [next] = await manager.query<({ next: string | null } & LockedRow)[]>(
    `select next.id as next, locked.* from next_sweep($1, $2, $3, $4) as next (id) left join lateral lock_for_claim(next.id) locked on true`,
    [...accountValues(busy), tried],
  );
  if (!next?.next) return undefined;
  const sweep = lockedSweep(next);
  if (!sweep || sweep.room < 1) return next.next;
  const signature = preference?.sweepId === next.next ? preference.signature : '';
  const claim = await take(manager, claimant, { sweepId: next.next, signature, ...sweep });
  if (!claim) return next.next;
  // A trainer that stays with whom it worked for is counted already.
  if (!isSame(sweep.account, busy)) await manager.query('select take_slot($1, $2, $3)', accountValues(sweep.account));
  return claim;
}

const accountValues = (account?: Account): unknown[] => [
  account?.teamId ?? null,
  account?.owner ?? null,
  account?.priority ?? null,
];

const isSame = (one: Account, other?: Account): boolean =>
  one.teamId === other?.teamId && one.owner === other.owner && one.priority === other.priority;

/** Whether a trainer that works for `account` would work for someone else if it were free: they have waited longer for their share. */
export async function othersAreNext(manager: EntityManager, account: Account): Promise<boolean> {
  const [next] = await manager.query<Account[]>(
    `select team_id as "teamId", owner, priority from sweeps where id = next_sweep($1, $2, $3, '{}')`,
    accountValues(account),
  );
  return next !== undefined && !isSame(next, account);
}

/** A sweep whose row is locked. */
interface LockedSweep {
  objective: Objective;
  objectives: Compared[] | null;
  stopping: StoppingSpec;
  account: Account;
  /** Trials that may start now. */
  room: number;
}

/** As lock_for_claim returns it; all null if the sweep does not run. */
interface LockedRow {
  id: string | null;
  objective: Objective;
  objectives: Compared[] | null;
  /** Null in a sweep of the first version. */
  stopping: StoppingSpec | null;
  team_id: string;
  owner: string;
  priority: Account['priority'];
  room: string | null;
  schema: number;
}

function lockedSweep(row: LockedRow | undefined): LockedSweep | undefined {
  if (!row?.id) return undefined;
  if (row.schema !== schemaVersion) throw new SchemaMoved();
  const { objective, objectives, stopping, team_id: teamId, owner, priority, room } = row;
  return {
    objective,
    objectives,
    stopping: stopping ?? { rule: 'none' },
    account: { teamId, owner, priority },
    room: room === null ? Infinity : Number(room),
  };
}

/**
 * Locks a running sweep, which makes counting what runs and claiming one step: neither its own limit nor a quota of its team or its owner
 * is ever exceeded. Undefined if it does not run.
 */
export async function lockForClaim(manager: EntityManager, sweepId: string): Promise<LockedSweep | undefined> {
  const [row] = await manager.query<LockedRow[]>('select * from lock_for_claim($1)', [sweepId]);
  return lockedSweep(row);
}

interface Wanted {
  sweepId: string;
  signature: string;
  objective: Objective;
  /** Where there are several. */
  objectives: Compared[] | null;
  stopping: StoppingSpec;
  account: Account;
  room: number;
}

async function take(manager: EntityManager, claimant: Claimant, wanted: Wanted): Promise<Claim | undefined> {
  // trials_claimable finds the preferred signature and its trials, trials_pending the oldest pending trial otherwise. Trials whose
  // number of lanes is limited come last, and no more are taken than the strictest of them allows. All lanes continue from the same
  // update: their batches then have equal lengths.
  const [rows] = await manager.query<[TakenRow[], number]>(
    `with wanted as (
       select coalesce(
         (select signature from trials where sweep_id = $1 and ${claimable} and signature = $2 limit 1),
         (select signature from trials where sweep_id = $1 and ${claimable} order by number limit 1)) as signature
     ), bound as (
       select signature, least($3, coalesce(($5::jsonb ->> signature)::integer, $6)) as most from wanted
     ), locked as (
       select id, number, most_lanes, checkpoint_update, started_at from trials
       where sweep_id = $1 and ${claimable} and signature = (select signature from bound)
       order by most_lanes is not null, checkpoint_update * $7, number limit (select most from bound) for update skip locked
     ), abreast as (
       select *, first_value(checkpoint_update) over (order by most_lanes is not null, checkpoint_update * $7, number) as first_update
       from locked
     ), ranked as (
       select id, started_at is null as fresh, row_number() over places as place, min(coalesce(most_lanes, most)) over places as least
       from abreast cross join bound where checkpoint_update = first_update
       window places as (order by most_lanes is not null, number)
     ), taken as (
       select id, fresh from ranked where place <= least
     )
     update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = $4,
            lanes = (select count(*) from taken), value = null, metrics = '{}', updates = checkpoint_update, sample = null, message = null
     from taken where trials.id = taken.id
     returning trials.id, spec, signature, comparison_key, dataset_fingerprint, most_lanes, checkpoint, checkpoint_update, adopted, fresh`,
    [
      wanted.sweepId,
      wanted.signature,
      Number.isFinite(wanted.room) ? wanted.room : null,
      claimant.engine,
      JSON.stringify(claimant.lanesBySignature ?? {}),
      claimant.lanes,
      // A population advances together: trials that are behind come first.
      isExploiting(wanted.stopping.rule) ? 1 : -1,
    ],
  );
  const [first] = rows;
  if (!first) return undefined;
  const groupId = newId();
  const { sweepId, objective, objectives, stopping, account } = wanted;
  const trials = await beginAttempts(manager, claimant, { groupId, lanes: rows.length, account }, rows);
  const { signature, comparison_key: comparisonKey } = first;
  const limits = rows.flatMap(({ most_lanes: most }) => most ?? []);
  const mostLanes = limits.length > 0 ? Math.min(...limits) : null;
  return { groupId, sweepId, signature, comparisonKey, account, objective, objectives, stopping, mostLanes, trials };
}
