import type { SweepState, TrialState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { lockSweep, reopenSweep } from './change-sweep';

/**
 * Makes a failed or cancelled trial pending again, from its last checkpoint where it has one; earlier crashes count no longer. A sweep
 * that had completed or failed goes on. Returns the states before; nothing changes for a trial in another state, nor in a cancelled sweep.
 */
export function retryTrial(
  dataSource: DataSource,
  trialId: string,
): Promise<{ trial: TrialState; sweep: SweepState } | undefined> {
  return dataSource.transaction(async (manager) => {
    const [owner] = await manager.query<{ sweep_id: string }[]>(`select sweep_id from trials where id = $1`, [trialId]);
    const sweep = owner && (await lockSweep(manager, owner.sweep_id));
    const [row] = await manager.query<{ state: TrialState }[]>(`select state from trials where id = $1 for update`, [
      trialId,
    ]);
    if (!owner || !sweep || !row) return undefined;
    const before = { trial: row.state, sweep };
    if (!['failed', 'cancelled'].includes(row.state) || sweep === 'cancelled') return before;
    await manager.query(
      `update trials set state = 'pending', message = null, finished_at = null, retried_at = clock_timestamp() where id = $1`,
      [trialId],
    );
    if (sweep === 'completed' || sweep === 'failed') await reopenSweep(manager, owner.sweep_id);
    return before;
  });
}
