import type { SweepState, TrialState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { retry } from '../trials/transitions/retry';
import { whyItWouldEnd } from './end-overspent-sweeps';
import { lockSweep, setRunning } from './lifecycle';

/**
 * Makes a failed or cancelled trial pending again; it continues from its last checkpoint if it has one, and earlier crashes no longer
 * count. A sweep that had completed or failed runs again. Returns the states before; nothing changes for a trial in another state, in a
 * cancelled sweep, or in one whose budget is `spent`: it would end again at once.
 */
export function retryTrial(
  dataSource: DataSource,
  trialId: string,
): Promise<{ trial: TrialState; sweep: SweepState; spent?: string } | undefined> {
  return dataSource.transaction(async (manager) => {
    const [owner] = await manager.query<{ sweep_id: string }[]>(`select sweep_id from trials where id = $1`, [trialId]);
    const sweep = owner && (await lockSweep(manager, owner.sweep_id));
    const [row] = await manager.query<{ state: TrialState }[]>(`select state from trials where id = $1 for update`, [
      trialId,
    ]);
    if (!owner || !sweep || !row) return undefined;
    const before = { trial: row.state, sweep };
    const isReopened = sweep === 'completed' || sweep === 'failed';
    if (isReopened && (row.state === 'failed' || row.state === 'cancelled')) {
      const spent = await whyItWouldEnd(manager, owner.sweep_id, trialId);
      if (spent !== undefined) return { ...before, spent };
    }
    if (sweep === 'cancelled' || !(await retry(manager, trialId))) return before;
    if (isReopened) await setRunning(manager, owner.sweep_id);
    return before;
  });
}
