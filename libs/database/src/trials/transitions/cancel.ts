import { isResuming, stoppingRuleNames } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { movedBy } from '../lifecycle';

const resuming = stoppingRuleNames
  .filter(isResuming)
  .map((rule) => `'${rule}'`)
  .join(', ');

/** SQL: a rule that resumes had stopped the trial at a rung before, and let it go on. */
const stopped = `(value is not null and (select spec -> 'stopping' ->> 'rule' from sweeps where id = $1) in (${resuming})
       and exists (select from verdicts where verdicts.sweep_id = $1 and verdicts.configuration = trials.configuration))`;

/**
 * SQL: ends trials of a sweep without a result. One that was stopped before is stopped again, with the message $2: it keeps its place on
 * the leaderboard, as if it had not been chosen.
 */
const ended = `update trials set finished_at = clock_timestamp(), state = case when ${stopped} then 'pruned' else 'cancelled' end,
            message = case when ${stopped} then $2 else message end
     where sweep_id = $1`;

const sweepEnded = 'the sweep ended while it continued';

/**
 * Cancels the open trials of a sweep and their attempts; the fence refuses later results. Attempts are locked before trials, as
 * everywhere.
 */
export async function cancelTrials(manager: EntityManager, sweepId: string): Promise<void> {
  await manager.query(
    `with live as (
       select attempts.id from attempts join trials on trials.id = trial_id
       where sweep_id = $1 and trials.state = 'running' and attempts.state = 'running' order by attempts.id for update of attempts
     )
     update attempts set state = 'cancelled', finished_at = clock_timestamp() from live where attempts.id = live.id`,
    [sweepId],
  );
  await manager.query(`${ended} and ${movedBy('cancel')}`, [sweepId, sweepEnded]);
}

/**
 * Cancels the trials of a sweep that wait, or those of them with these numbers; running ones finish. `message`: why one that had been
 * stopped before does not go on.
 */
export async function withdrawTrials(
  manager: EntityManager,
  sweepId: string,
  numbers: readonly number[] | null = null,
  message = sweepEnded,
): Promise<void> {
  await manager.query(`${ended} and ${movedBy('withdraw')} and ($3::integer[] is null or number = any($3))`, [
    sweepId,
    message,
    numbers,
  ]);
}
