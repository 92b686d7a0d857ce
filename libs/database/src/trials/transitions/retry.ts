import type { EntityManager } from 'typeorm';
import { movedBy } from '../lifecycle';

/** Makes a trial pending again; its earlier crashes no longer count. Returns whether its state allowed that. */
export async function retry(manager: EntityManager, trialId: string): Promise<boolean> {
  const [, count] = await manager.query<[unknown[], number]>(
    `update trials set state = 'pending', held = false, message = null, finished_at = null, retried_at = clock_timestamp()
     where id = $1 and ${movedBy('retry')}`,
    [trialId],
  );
  return count > 0;
}
