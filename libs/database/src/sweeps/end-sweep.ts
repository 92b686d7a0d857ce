import type { EntityManager } from 'typeorm';
import { cancelTrials, withdrawTrials } from '../trials/transitions/cancel';
import { setEnded, setFailed } from './lifecycle';

/** Ends a sweep whose row the caller has locked, its trials and their attempts; the fence refuses later results. */
export async function endSweep(
  manager: EntityManager,
  sweepId: string,
  state: 'cancelled' | 'completed',
  message: string | null = null,
): Promise<void> {
  await setEnded(manager, sweepId, state, message);
  await cancelTrials(manager, sweepId);
}

/** Fails an open sweep, with the reason. Running trials finish; those that have not started are cancelled. */
export async function failSweep(manager: EntityManager, sweepId: string, message: string): Promise<void> {
  await manager.transaction(async (inner) => {
    if (await setFailed(inner, sweepId, message)) await withdrawTrials(inner, sweepId);
  });
}
