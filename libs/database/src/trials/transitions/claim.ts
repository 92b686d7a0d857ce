import { isExploiting, type Compared, type Objective, type StoppingSpec, type Ticket } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { newId } from '../../ids';
import { schemaVersion } from '../../schema-version';
import { movedBy } from '../lifecycle';
import { beginAttempts, type ClaimedTrial, type TakenRow } from './begin-attempts';

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
/** Sweeps that are tried when the preferred one has no work. */
const candidates = 8;

/**
 * Claims up to `lanes` pending trials that can be trained together, or nothing. The preference is a hint: if its sweep or its
 * signature has no work, other work is claimed.
 */
export async function claimTrials(
  dataSource: DataSource,
  claimant: Claimant,
  preference?: Ticket,
): Promise<Claim | undefined> {
  if (preference) {
    const claim = await claimFrom(dataSource, claimant, preference.sweepId, preference.signature);
    if (claim) return claim;
  }
  // trials_pending answers the subquery; running sweeps are few.
  const sweeps = await dataSource.query<{ id: string }[]>(
    `select id from sweeps where state = 'running' and asked is null
       and exists (select from trials where sweep_id = sweeps.id and ${claimable})
     order by created_at, id limit $1`,
    [candidates],
  );
  for (const { id } of sweeps) {
    const claim = await claimFrom(dataSource, claimant, id, '');
    if (claim) return claim;
  }
  return undefined;
}

async function claimFrom(
  dataSource: DataSource,
  claimant: Claimant,
  sweepId: string,
  signature: string,
): Promise<Claim | undefined> {
  return dataSource.transaction(async (manager) => {
    const sweep = await lockForClaim(manager, sweepId);
    if (!sweep || sweep.room < 1) return undefined;
    return take(manager, claimant, { sweepId, signature, ...sweep });
  });
}

/**
 * Locks a running sweep, which makes counting its running trials and claiming one step: the limit is never exceeded. `room`: trials
 * that may start now.
 */
export async function lockForClaim(
  manager: EntityManager,
  sweepId: string,
): Promise<{ objective: Objective; objectives: Compared[] | null; stopping: StoppingSpec; room: number } | undefined> {
  const [sweep] = await manager.query<LockedSweep[]>(
    `select objective, spec -> 'stopping' as stopping, spec -> 'objectives' as objectives, concurrent_trials, (select max(timestamp) from migrations)::double precision as schema
     from sweeps where id = $1 and state = 'running' and asked is null for no key update`,
    [sweepId],
  );
  if (!sweep) return undefined;
  if (sweep.schema !== schemaVersion) throw new SchemaMoved();
  const { objective, objectives, stopping, concurrent_trials: most } = sweep;
  return {
    objective,
    objectives,
    stopping: stopping ?? { rule: 'none' },
    room: most === null ? Infinity : most - (await runningTrials(manager, sweepId)),
  };
}

interface LockedSweep {
  objective: Objective;
  objectives: Compared[] | null;
  /** Null in a sweep of the first version. */
  stopping: StoppingSpec | null;
  concurrent_trials: number | null;
  schema: number;
}

async function runningTrials(manager: EntityManager, sweepId: string): Promise<number> {
  const [row] = await manager.query<{ count: string }[]>(
    `select count(*) from trials where sweep_id = $1 and state = 'running'`,
    [sweepId],
  );
  return Number(row?.count ?? 0);
}

interface Wanted {
  sweepId: string;
  signature: string;
  objective: Objective;
  /** Where there are several. */
  objectives: Compared[] | null;
  stopping: StoppingSpec;
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
       select id, number, most_lanes, checkpoint_update from trials
       where sweep_id = $1 and ${claimable} and signature = (select signature from bound)
       order by most_lanes is not null, checkpoint_update * $7, number limit (select most from bound) for update skip locked
     ), abreast as (
       select *, first_value(checkpoint_update) over (order by most_lanes is not null, checkpoint_update * $7, number) as first_update
       from locked
     ), ranked as (
       select id, row_number() over places as place, min(coalesce(most_lanes, most)) over places as least
       from abreast cross join bound where checkpoint_update = first_update
       window places as (order by most_lanes is not null, number)
     ), taken as (
       select id from ranked where place <= least
     )
     update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = $4,
            lanes = (select count(*) from taken), value = null, metrics = '{}', updates = checkpoint_update, sample = null, message = null
     from taken where trials.id = taken.id
     returning trials.id, spec, signature, comparison_key, dataset_fingerprint, most_lanes, checkpoint, checkpoint_update, adopted`,
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
  const trials = await beginAttempts(manager, claimant, { groupId, lanes: rows.length }, rows);
  const { signature, comparison_key: comparisonKey } = first;
  const { sweepId, objective, objectives, stopping } = wanted;
  const limits = rows.flatMap(({ most_lanes: most }) => most ?? []);
  const mostLanes = limits.length > 0 ? Math.min(...limits) : null;
  return { groupId, sweepId, signature, comparisonKey, objective, objectives, stopping, mostLanes, trials };
}
