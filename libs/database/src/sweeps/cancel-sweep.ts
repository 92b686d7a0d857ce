import type { SweepState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { endSweep } from './end-sweep';
import { isOpen, lockSweep } from './lifecycle';

/**
 * Cancels an open sweep, its trials and their attempts in one transaction; the fence refuses later results. Returns the state that the
 * sweep had before, or undefined if there is none.
 */
export async function cancelSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const before = await lockSweep(manager, sweepId);
    if (isOpen(before)) await endSweep(manager, sweepId, 'cancelled');
    return before;
  });
}
