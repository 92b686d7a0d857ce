import type { SweepSpec, SweepState } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { Sweep } from '../entities/sweep';
import { stopClock } from './end-sweep';

/** Locks a sweep's row, so that what the caller decides by its state still holds when it writes. */
export async function lockSweep(manager: EntityManager, sweepId: string): Promise<SweepState | undefined> {
  const [sweep] = await manager.query<{ state: SweepState }[]>(
    `select state from sweeps where id = $1 for no key update`,
    [sweepId],
  );
  return sweep?.state;
}

/** Lets no more trials of a running sweep begin; what runs goes on to its end. Returns the state before. */
export function pauseSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const before = await lockSweep(manager, sweepId);
    if (before === 'running')
      await manager.query(`update sweeps set state = 'paused', ${stopClock} where id = $1`, [sweepId]);
    return before;
  });
}

/** Lets a paused sweep go on. Returns the state before. */
export function resumeSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const before = await lockSweep(manager, sweepId);
    if (before === 'paused') await reopenSweep(manager, sweepId);
    return before;
  });
}

/** Makes a sweep run again, whose row the caller has locked. */
export async function reopenSweep(manager: EntityManager, sweepId: string): Promise<void> {
  await manager.query(
    `update sweeps set state = 'running', message = null, finished_at = null,
            running_since = coalesce(running_since, clock_timestamp()) where id = $1`,
    [sweepId],
  );
}

/** Gives a sweep, whose row the caller has locked, more configurations; the scheduler draws them. A completed one goes on. */
export async function extendSweep(
  manager: EntityManager,
  { id, state }: Pick<Sweep, 'id' | 'state'>,
  spec: SweepSpec,
  size: { configurations: number; trials: number },
): Promise<void> {
  await manager.query(`update sweeps set spec = $2, configurations = $3, total = $4 where id = $1`, [
    id,
    JSON.stringify(spec),
    size.configurations,
    size.trials,
  ]);
  if (state === 'completed') await reopenSweep(manager, id);
}
