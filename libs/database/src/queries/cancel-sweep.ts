import type { SweepState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { endSweep } from './end-sweep';

/**
 * Ends a sweep, its trials and their attempts in one transaction; later results are refused by the fence. Returns the
 * state that the sweep had before, or undefined where there is none.
 */
export async function cancelSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const [sweep] = await manager.query<{ state: SweepState }[]>(
      `select state from sweeps where id = $1 for no key update`,
      [sweepId],
    );
    if (sweep?.state === 'running' || sweep?.state === 'paused') await endSweep(manager, sweepId, 'cancelled');
    return sweep?.state;
  });
}
