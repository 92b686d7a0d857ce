import type { SweepState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { isOpen, lockSweep } from './lifecycle';

/** What became of a sweep that was to be deleted. */
export interface Deleted {
  /** The state before; undefined if it was gone already. */
  state: SweepState | undefined;
  /** Names of the artifacts that its trials had. */
  kept: string[];
}

/**
 * Deletes a sweep with all that belongs to it, unless it is open. Its row is locked first: one that is extended, or whose trial is retried,
 * at the same moment either stays or is gone before.
 */
export function deleteSweep(dataSource: DataSource, sweepId: string): Promise<Deleted> {
  return dataSource.transaction(async (manager) => {
    const state = await lockSweep(manager, sweepId);
    if (state === undefined || isOpen(state)) return { state, kept: [] };
    const rows = await manager.query<{ name: string }[]>(
      `select name from trials cross join unnest(array[model, checkpoint]) as name where sweep_id = $1 and name is not null`,
      [sweepId],
    );
    await manager.query('delete from sweeps where id = $1', [sweepId]);
    return { state, kept: rows.map(({ name }) => name) };
  });
}
