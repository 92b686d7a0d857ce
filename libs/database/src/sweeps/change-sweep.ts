import type { SweepSpec, SweepState } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { Sweep } from '../entities/sweep';
import { lockSweep, setPaused, setRunning } from './lifecycle';

/** Pauses a running sweep: running trials finish, and no new ones start. Returns the state before. */
export function pauseSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const before = await lockSweep(manager, sweepId);
    if (before === 'running') await setPaused(manager, sweepId);
    return before;
  });
}

/** Resumes a paused sweep. Returns the state before. */
export function resumeSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const before = await lockSweep(manager, sweepId);
    if (before === 'paused') await setRunning(manager, sweepId);
    return before;
  });
}

/** Gives a sweep, whose row the caller has locked, more configurations; the scheduler draws them. A completed sweep runs again. */
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
  if (state === 'completed') await setRunning(manager, id);
}
