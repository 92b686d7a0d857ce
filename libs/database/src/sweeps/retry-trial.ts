import type { SweepState, TrialState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { retry } from '../trials/transitions/retry';
import { lockSweep, setRunning } from './lifecycle';

/**
 * Makes a failed or cancelled trial pending again; it continues from its last checkpoint if it has one, and earlier crashes no longer
 * count. A sweep that had completed or failed runs again. Returns the states before; nothing changes for a trial in another state, or
 * in a cancelled sweep.
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
    if (sweep === 'cancelled' || !(await retry(manager, trialId))) return before;
    if (sweep === 'completed' || sweep === 'failed') await setRunning(manager, owner.sweep_id);
    return before;
  });
}
