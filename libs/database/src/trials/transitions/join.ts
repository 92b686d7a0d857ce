import type { DataSource, EntityManager } from 'typeorm';
import { beginAttempts, type ClaimedTrial, type TakenRow } from './begin-attempts';
import { lockAttempts } from '../lock-attempts';
import { claimable, lockForClaim, othersAreNext, type Claim, type Claimant } from './claim';

/**
 * Claims up to `free` pending trials of a group's sweep and signature for lanes that others have left. They may be at any update; a
 * trial whose number of lanes is limited waits for a group of its own. The rows of all attempts that run in the group record its
 * largest number of lanes. `training`: the group's attempts whose lanes still exist; the ends of others may not be written yet.
 * Undefined: all that run. `yields`: the group takes no more if its trainer is due to someone else. Returns the trials; none if there is
 * no work.
 */
export async function joinGroup(
  dataSource: DataSource,
  claimant: Claimant,
  { sweepId, signature, groupId }: Pick<Claim, 'sweepId' | 'signature' | 'groupId'>,
  free: number,
  training?: readonly string[],
  yields = false,
): Promise<ClaimedTrial[]> {
  return dataSource.transaction(async (manager) => {
    const sweep = await lockForClaim(manager, sweepId);
    const most = Math.min(free, sweep?.room ?? 0);
    if (!sweep || most < 1 || (yields && (await othersAreNext(manager, sweep.account)))) return [];
    // trials_claimable finds them, oldest first.
    const [rows] = await manager.query<[TakenRow[], number]>(
      `with taken as (
         select id, started_at is null as fresh from trials where sweep_id = $1 and signature = $2 and ${claimable} and most_lanes is null
         order by number limit $3 for update skip locked
       )
       update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = $4,
              value = null, metrics = '{}', updates = checkpoint_update, sample = null, message = null
       from taken where trials.id = taken.id
       returning trials.id, spec, signature, comparison_key, dataset_fingerprint, most_lanes, checkpoint, checkpoint_update, adopted, fresh`,
      [sweepId, signature, most, claimant.engine],
    );
    if (rows.length === 0) return [];
    const running = await runningIn(manager, groupId);
    const beside = training ? running.filter((id) => training.includes(id)) : running;
    const lanes = beside.length + rows.length;
    const begun = await beginAttempts(manager, claimant, { groupId, lanes, account: sweep.account }, rows);
    await recordLanes(manager, [...beside, ...begun.map(({ attemptId }) => attemptId)], lanes);
    return begun;
  });
}

/** The running attempts of a group, locked in the order of the fence. attempts_running finds them. */
async function runningIn(manager: EntityManager, groupId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `select id from attempts where group_id = $1 and state = 'running'`,
    [groupId],
  );
  return [
    ...(await lockAttempts(
      manager,
      rows.map(({ id }) => id),
    )),
  ];
}

async function recordLanes(manager: EntityManager, attemptIds: readonly string[], lanes: number): Promise<void> {
  await manager.query(
    `with recorded as (update attempts set lanes = greatest(lanes, $2) where id = any($1) returning trial_id, lanes)
     update trials set lanes = recorded.lanes from recorded where trials.id = recorded.trial_id`,
    [attemptIds, lanes],
  );
}
