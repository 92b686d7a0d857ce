import type { SweepState } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { Sweep } from '../entities/sweep';
import { pendingTrials, trialRows, type NewTrial } from '../trials/transitions/propose';
import { unflushed } from '../unflushed';
import { sweepLock } from './sweep-lock';

type Moves = Readonly<Partial<Record<SweepState, readonly SweepState[]>>>;

/** What may happen to a sweep. It is inserted as `running`. */
export const sweepTransitions = {
  pause: { running: ['paused'] },
  resume: { paused: ['running'] },
  /** All trials have ended, not all of them by failing. */
  complete: { running: ['completed'], paused: ['completed'] },
  /** A user cancelled it, or its budget is used up (completed). */
  end: { running: ['cancelled', 'completed'], paused: ['cancelled', 'completed'] },
  /** It cannot continue: every trial failed, or too many, or nothing can be proposed. */
  fail: { running: ['failed'], paused: ['failed'] },
  /** It was extended, or one of its trials is retried. */
  reopen: { completed: ['running'], failed: ['running'] },
} as const satisfies Record<string, Moves>;

/** All moves that some transition makes. */
export const sweepMoves: Moves = Object.values<Moves>(sweepTransitions).reduce<
  Partial<Record<SweepState, SweepState[]>>
>((all, moves) => {
  for (const [from, to] of Object.entries(moves) as [SweepState, readonly SweepState[]][])
    all[from] = [...new Set([...(all[from] ?? []), ...to])];
  return all;
}, {});

/** A running sweep that has no row yet. */
export type NewSweep = Pick<
  Sweep,
  | 'id'
  | 'teamId'
  | 'owner'
  | 'priority'
  | 'clonedFrom'
  | 'name'
  | 'note'
  | 'spec'
  | 'objective'
  | 'earlier'
  | 'datasets'
  | 'message'
  | 'configurations'
  | 'total'
  | 'asked'
  | 'requires'
  | 'concurrentTrials'
  | 'failedTrials'
  | 'wallSeconds'
  | 'gpuHours'
>;

/** The columns of such a row that the database fills in. */
const filledIn = `state, proposed, edits, ran_seconds as "ranSeconds", running_since as "runningSince", thinned, tags,
         archived_at as "archivedAt", created_at as "createdAt", finished_at as "finishedAt"`;
type FilledIn = Omit<Sweep, keyof NewSweep>;

/**
 * Inserts a running sweep with its first trials in one statement, if the registered data sets that it names are there: they are kept until
 * the transaction ends. Returns its row, or those that are not there: nothing is inserted if there are any.
 * It does not wait for the disk: who tells somebody of the sweep calls `flush` before.
 */
export async function insertSweep(
  manager: Pick<DataSource | EntityManager, 'query'>,
  sweep: NewSweep,
  registered: readonly string[],
  trials: readonly NewTrial[],
): Promise<{ inserted: Sweep; gone?: never } | { inserted?: never; gone: string[] }> {
  const [{ gone, ...filled }] = await manager.query<[{ gone: string[] } & FilledIn]>(
    `with ${unflushed}, held as (
       select name from datasets where team_id = $1 and name = any($2) order by name for key share
     ), gone as (
       select array(select name from unnest($2::text[]) with ordinality as named (name, place)
         where name not in (select name from held) order by place) as names
     ), inserted as (
       insert into sweeps (id, team_id, owner, priority, cloned_from, name, note, state, spec, objective, earlier, datasets, message,
         configurations, total, proposed, asked, requires, concurrent_trials, failed_trials, wall_seconds, gpu_hours)
       select id, "teamId", owner, priority, "clonedFrom", name, note, 'running', spec, objective, earlier, datasets, message,
         configurations, total, $4, asked, requires, "concurrentTrials", "failedTrials", "wallSeconds", "gpuHours"
       from unflushed, gone, json_to_record($3) as row (id text, "teamId" text, owner text, priority text, "clonedFrom" text, name text,
         note text, spec json, objective jsonb, earlier json, datasets jsonb, message text, configurations integer, total integer, asked integer,
         requires jsonb, "concurrentTrials" integer, "failedTrials" integer, "wallSeconds" double precision, "gpuHours" double precision)
       where gone.names = '{}' returning id, ${filledIn}
     ), begun as (
       ${pendingTrials('$5', 'inserted')}
     )
     select names as gone, inserted.* from gone left join inserted on true`,
    [sweep.teamId, registered, JSON.stringify(sweep), trials.length, trialRows(trials)],
  );
  return gone.length > 0 ? { gone } : { inserted: { ...filled, ...sweep } };
}

/** Adds the current stretch of running to `ran_seconds`, and stops the clock. */
const stopClock = `ran_seconds = ran_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0), running_since = null`;

/**
 * Locks a sweep's row, so that what the caller decides by its state still holds when it writes. Claims have ended when it returns, and
 * those that begin later wait.
 */
export async function lockSweep(manager: EntityManager, sweepId: string): Promise<SweepState | undefined> {
  const [sweep] = await manager.query<{ state: SweepState }[]>(
    `select state from sweeps where id = $1 for no key update`,
    [sweepId],
  );
  await manager.query(`select pg_advisory_xact_lock(${sweepLock('$1')})`, [sweepId]);
  return sweep?.state;
}

/** Whether a sweep has not ended. */
export const isOpen = (state: SweepState | undefined): boolean => state === 'running' || state === 'paused';

/** Pauses a sweep whose row the caller has locked. */
export async function setPaused(manager: EntityManager, sweepId: string): Promise<void> {
  await manager.query(`update sweeps set state = 'paused', ${stopClock} where id = $1`, [sweepId]);
}

/** Makes a sweep run again whose row the caller has locked: resume and reopen. */
export async function setRunning(manager: EntityManager, sweepId: string): Promise<void> {
  await manager.query(
    `update sweeps set state = 'running', message = null, finished_at = null, thinned = 0,
            running_since = coalesce(running_since, clock_timestamp()) where id = $1`,
    [sweepId],
  );
}

/** Ends a sweep whose row the caller has locked. */
export async function setEnded(
  manager: EntityManager,
  sweepId: string,
  state: Exclude<SweepState, 'running' | 'paused'>,
  message: string | null,
): Promise<void> {
  await manager.query(
    `update sweeps set state = $2, message = $3, finished_at = clock_timestamp(), ${stopClock} where id = $1`,
    [sweepId, state, message],
  );
}

/** Fails a sweep that is still open. Returns whether it was. */
export async function setFailed(manager: EntityManager, sweepId: string, message: string): Promise<boolean> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update sweeps set state = 'failed', message = $2, finished_at = clock_timestamp(), ${stopClock}
     where id = $1 and state in ('running', 'paused')`,
    [sweepId, message],
  );
  return count > 0;
}

/**
 * Ends the sweeps whose trials have all ended; returns how many. One whose every trial failed has failed, with the id and the reason of the
 * first; of any other in which no trial has a value, the message says so.
 */
export async function completeSweeps(manager: EntityManager): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `with ended as (
       select own.id as ended_id, outcome.* from sweeps own cross join lateral (
         select count(value) as reached, count(*) filter (where state <> 'failed') as others,
           'no trial reached a value of ' || (own.objective ->> 'metric') || ': ' ||
             count(*) filter (where state = 'failed') || ' failed, ' ||
             count(*) filter (where state = 'diverged') || ' diverged, ' ||
             count(*) filter (where state not in ('failed', 'diverged')) || ' never reported one' as why,
           (array_agg(id || ': ' || coalesce(message, 'reason unknown') order by number)
             filter (where state = 'failed'))[1] as first
         from trials where sweep_id = own.id
       ) outcome
       where own.state in ('running', 'paused') and own.proposed = own.total
         and not exists (select from trials where sweep_id = own.id and state in ('pending', 'running'))
     )
     update sweeps set finished_at = clock_timestamp(), ${stopClock},
       state = case when others = 0 then 'failed' else 'completed' end,
       message = case when others = 0 then 'every trial failed; the first, ' || first
         when reached = 0 then why || coalesce('; the first that failed, ' || first, '') else message end
     from ended where id = ended_id and state in ('running', 'paused') and proposed = total`,
  );
  return count;
}
