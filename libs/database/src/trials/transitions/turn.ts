import type { TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';

/** An attempt that ends at a rung of its population, and how its trial continues. */
export interface Released {
  attemptId: string;
  trialId: string;
  checkpoint: string;
  update: number;
  message: string;
  /** Set if it continues from another trial's state: what it trains with from now on. */
  changed?:
    | {
        spec: TrialSpec;
        parameters: Record<string, unknown>;
        signature: string;
        adopted: { update: number; metrics: Record<string, number> };
      }
    | undefined;
}

/**
 * Ends attempts at a rung, whose rows the caller has locked: their trials wait for the next claim, with the checkpoint that they continue
 * from. One that continues from another's state has what that one reached: what it reached itself belongs to parameters that it no longer
 * has.
 */
export async function releaseAtRung(manager: EntityManager, released: readonly Released[]): Promise<void> {
  const rows = released.map(({ attemptId, trialId, checkpoint, update, message, changed }) => {
    const { spec = null, parameters = null, signature = null, adopted = null } = changed ?? {};
    const own = { attempt_id: attemptId, trial_id: trialId, checkpoint, update, message };
    return { ...own, spec, parameters, signature, adopted };
  });
  await manager.query(
    `with row as (
       select * from json_to_recordset($1::json) as row (attempt_id text, trial_id text, checkpoint text, update integer,
         message text, spec json, parameters jsonb, signature text, adopted json)
     ), ended as (
       update attempts set state = 'released', finished_at = clock_timestamp(), message = row.message
       from row where attempts.id = row.attempt_id
     )
     update trials set state = case when sweeps.state in ('running', 'paused') then 'pending' else 'cancelled' end,
            finished_at = case when sweeps.state not in ('running', 'paused') then clock_timestamp() end,
            checkpoint = row.checkpoint, checkpoint_update = row.update, spec = coalesce(row.spec, trials.spec),
            drawn = case when row.parameters is null then drawn else coalesce(drawn, trials.parameters) end,
            parameters = coalesce(row.parameters, trials.parameters), signature = coalesce(row.signature, trials.signature),
            adopted = coalesce(row.adopted, trials.adopted),
            value = case when row.adopted is null then trials.value
              else (row.adopted -> 'metrics' ->> (sweeps.objective ->> 'metric'))::double precision end,
            metrics = case when row.adopted is null then trials.metrics else (row.adopted -> 'metrics')::jsonb end
     from row, sweeps where trials.id = row.trial_id and sweeps.id = trials.sweep_id`,
    [JSON.stringify(rows)],
  );
  // Leaderboards show what it trains with now. The statement before has locked these rows, in order.
  await manager.query(
    `update configurations set parameters = trials.parameters from trials
     where trials.id = any($1) and configurations.sweep_id = trials.sweep_id and configurations.configuration = trials.configuration`,
    [released.flatMap(({ trialId, changed }) => (changed ? [trialId] : []))],
  );
}
