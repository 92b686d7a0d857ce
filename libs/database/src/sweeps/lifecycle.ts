import type { SweepState } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

type Moves = Readonly<Partial<Record<SweepState, readonly SweepState[]>>>;

/** What may happen to a sweep. It is inserted as `running`. */
export const sweepTransitions = {
  pause: { running: ['paused'] },
  resume: { paused: ['running'] },
  /** All trials have ended. */
  complete: { running: ['completed'], paused: ['completed'] },
  /** A user cancelled it, or its budget is used up (completed). */
  end: { running: ['cancelled', 'completed'], paused: ['cancelled', 'completed'] },
  /** It cannot continue: too many trials failed, or nothing can be proposed. */
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

/** Adds the current stretch of running to `ran_seconds`, and stops the clock. */
const stopClock = `ran_seconds = ran_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0), running_since = null`;

/** Locks a sweep's row, so that what the caller decides by its state still holds when it writes. */
export async function lockSweep(manager: EntityManager, sweepId: string): Promise<SweepState | undefined> {
  const [sweep] = await manager.query<{ state: SweepState }[]>(
    `select state from sweeps where id = $1 for no key update`,
    [sweepId],
  );
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
    `update sweeps set state = 'running', message = null, finished_at = null,
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

/** Completes the sweeps whose trials have all ended, with a message if none of them has a value; returns how many. */
export async function completeSweeps(manager: EntityManager): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update sweeps set state = 'completed', finished_at = clock_timestamp(), ${stopClock}, message = coalesce((
       select case when count(value) = 0 then 'no trial reached a value of ' || (objective ->> 'metric') || ': ' ||
         count(*) filter (where trials.state = 'failed') || ' failed, ' ||
         count(*) filter (where trials.state = 'diverged') || ' diverged, ' ||
         count(*) filter (where trials.state not in ('failed', 'diverged')) || ' never reported one' end
       from trials where sweep_id = sweeps.id), message)
     where state in ('running', 'paused') and proposed = total
       and not exists (select from trials where sweep_id = sweeps.id and state in ('pending', 'running'))`,
  );
  return count;
}
