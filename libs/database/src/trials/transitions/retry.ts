import type { EntityManager } from 'typeorm';
import { standAtCheckpoint } from '../at-checkpoint';
import { movedBy } from '../lifecycle';

/**
 * Makes a trial pending again, with what its checkpoint has; its earlier crashes no longer count. Returns whether its state allowed that.
 */
export async function retry(manager: EntityManager, trialId: string): Promise<boolean> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update trials set state = 'pending', held = false, message = null, finished_at = null, retried_at = clock_timestamp()
     where id = $1 and ${movedBy('retry')}`,
    [trialId],
  );
  if (count > 0) await standAtCheckpoint(manager, [trialId]);
  return count > 0;
}
