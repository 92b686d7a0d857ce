import type { Objective, Ticket, TrialSpec } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { schemaVersion } from '../data-source';
import { newId } from '../ids';
import type { CurvePoints } from './commit-work';
import { cutCurves, readCurves } from './cut-curves';

/** Who claims, and how much it can train at once. */
export interface Claimant {
  workerId: string;
  host: string;
  engine: string;
  lanes: number;
  leaseSeconds: number;
}

export interface ClaimedTrial {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
  datasetFingerprint: string;
  /** Where an earlier attempt had got to: its checkpoint, and its curves up to there. */
  resume?: { checkpoint: string; update: number; curves: CurvePoints[] };
}

/** Trials that one trainer may train side by side; each has an attempt with a lease. */
export interface Claim {
  groupId: string;
  sweepId: string;
  signature: string;
  board: string;
  objective: Objective;
  trials: ClaimedTrial[];
}

/** The schema is no longer the one that this build was made for. The message is one line. */
export class SchemaMoved extends Error {
  override readonly name = 'SchemaMoved';
  constructor() {
    super('the database has the schema of another version of Unroll: this worker takes no more trials, update it');
  }
}

/** Sweeps that are looked at when the preferred one has no work. */
const candidates = 8;

/**
 * Claims up to `lanes` pending trials that fit together, or nothing. The preference is a hint: where its sweep or its
 * signature has no work, other work is taken.
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
    `select id from sweeps where state = 'running'
       and exists (select from trials where sweep_id = sweeps.id and state = 'pending')
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
    // The lock on the sweep makes the count of running trials and the claim one step: the limit is never passed.
    const [sweep] = await manager.query<LockedSweep[]>(
      `select objective, concurrent_trials, (select max(timestamp) from migrations)::double precision as schema
       from sweeps where id = $1 and state = 'running' for update`,
      [sweepId],
    );
    if (!sweep) return undefined;
    if (sweep.schema !== schemaVersion) throw new SchemaMoved();
    const room =
      sweep.concurrent_trials === null ? Infinity : sweep.concurrent_trials - (await runningTrials(manager, sweepId));
    const most = Math.min(claimant.lanes, room);
    if (most < 1) return undefined;
    return take(manager, claimant, { sweepId, signature, objective: sweep.objective, most });
  });
}

interface LockedSweep {
  objective: Objective;
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
  most: number;
}

interface TakenRow {
  id: string;
  spec: TrialSpec;
  signature: string;
  board: string;
  dataset_fingerprint: string;
  resume: string | null;
  resume_update: number;
}

async function take(manager: EntityManager, claimant: Claimant, wanted: Wanted): Promise<Claim | undefined> {
  // trials_claimable finds the preferred signature and its trials, trials_pending the oldest pending trial otherwise. Trials that may
  // have few neighbours or none come last, and no more are taken than the strictest of them allows. Lanes go on from equal updates: batches are
  // then of equal lengths for all of them.
  const [rows] = await manager.query<[TakenRow[], number]>(
    `with wanted as (
       select coalesce(
         (select signature from trials where sweep_id = $1 and state = 'pending' and signature = $2 limit 1),
         (select signature from trials where sweep_id = $1 and state = 'pending' order by number limit 1)) as signature
     ), locked as (
       select id, number, most_lanes, resume_update from trials
       where sweep_id = $1 and state = 'pending' and signature = (select signature from wanted)
       order by most_lanes is not null, resume_update desc, number limit $3 for update skip locked
     ), abreast as (
       select *, first_value(resume_update) over (order by most_lanes is not null, resume_update desc, number) as first_update
       from locked
     ), ranked as (
       select id, row_number() over places as place, min(coalesce(most_lanes, $3)) over places as least
       from abreast where resume_update = first_update
       window places as (order by most_lanes is not null, number)
     ), taken as (
       select id from ranked where place <= least
     )
     update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = $4,
            value = null, metrics = '{}', updates = resume_update, sample = null, message = null
     from taken where trials.id = taken.id
     returning trials.id, spec, signature, board, dataset_fingerprint, resume, resume_update`,
    [wanted.sweepId, wanted.signature, wanted.most, claimant.engine],
  );
  const [first] = rows;
  if (!first) return undefined;
  const groupId = newId();
  const trials = rows.map(({ id, spec, dataset_fingerprint: datasetFingerprint, resume, resume_update: update }) => ({
    ...{ attemptId: newId(), trialId: id, spec, datasetFingerprint },
    ...(resume === null ? {} : { resume: { checkpoint: resume, update, curves: [] as CurvePoints[] } }),
  }));
  const trialIds = trials.map(({ trialId }) => trialId);
  // An attempt begins at its checkpoint, or at update 0: what an earlier one left of the curve beyond that goes.
  await cutCurves(manager, trialIds);
  await manager.query(`update trials set lanes = $2 where id = any($1)`, [trialIds, trials.length]);
  await manager.query(
    `insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until, resumed_from)
     select attempt, trial, 'running', $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8), resume_update
     from unnest($1::text[], $2::text[]) as claimed (attempt, trial) join trials on trials.id = trial`,
    [
      trials.map(({ attemptId }) => attemptId),
      trialIds,
      claimant.workerId,
      claimant.host,
      claimant.engine,
      groupId,
      trials.length,
      claimant.leaseSeconds,
    ],
  );
  const resumed = trials.flatMap(({ trialId, resume }) => (resume ? [trialId] : []));
  if (resumed.length > 0) {
    const curves = await readCurves(manager, resumed);
    for (const { trialId, resume } of trials) if (resume) resume.curves = curves.get(trialId) ?? [];
  }
  const { signature, board } = first;
  return { groupId, sweepId: wanted.sweepId, signature, board, objective: wanted.objective, trials };
}
