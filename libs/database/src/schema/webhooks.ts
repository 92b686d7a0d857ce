import { bestOf } from '../sweeps/sweep-progress';

/** SQL: the value of a score, of a row of sweeps. */
const valueOf = (score: string, sweeps: string): string =>
  `${score} * case ${sweeps}.objective ->> 'goal' when 'minimize' then 1 else -1 end`;

/** SQL: what webhooks are told of a sweep, with its best trial if there is one. */
export const sweepMessage = (type: string, sweeps: string, best: string): string => `json_build_object('type', ${type},
    'timestamp', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'data', json_build_object('sweepId', ${sweeps}.id, 'name', ${sweeps}.name, 'owner', ${sweeps}.owner, 'state', ${sweeps}.state,
      'message', ${sweeps}.message, 'best', case when ${best}.best_trial is not null then json_build_object('trialId', ${best}.best_trial,
        'metric', ${sweeps}.objective ->> 'metric', 'value', ${valueOf(`${best}.score`, sweeps)}) end))`;

/**
 * SQL: tells the webhooks that want to know of each new best of these sweeps: of a configuration that has completed. `sweeps` selects rows
 * of sweeps. Where another transaction tells of the same best at once, the second waits for it, and tells nothing.
 */
const toldBests = (sweeps: string): string => `with found as materialized (
      select own.*, top.score, top.best_trial from (${sweeps}) own
      cross join lateral (
        select score, best_trial from configurations where sweep_id = own.id and state = 'completed' and score is not null
        order by score, configuration limit 1
      ) top
      left join told_bests told on told.sweep_id = own.id
      where own.team_id = any(array(select team_id from webhooks where 'sweep.best' = any(events)))
        and (told.score is null or top.score < told.score)
    ), noted as (
      insert into told_bests (sweep_id, score) select id, score from found
      on conflict (sweep_id) do update set score = excluded.score where told_bests.score > excluded.score returning sweep_id
    )
    insert into deliveries (webhook_id, message)
    select webhooks.id, ${sweepMessage("'sweep.best'", 'found', 'found')}
    from found join noted on noted.sweep_id = found.id join webhooks on webhooks.team_id = found.team_id where 'sweep.best' = any(events)`;

/** The same of all sweeps that are open. */
export const toldOpenBests = toldBests(`select * from sweeps where state in ('running', 'paused')`);

/** Tells the webhooks of a team of the end of a sweep, in the transaction that ends it. */
export const webhooks = [
  `create or replace function sweep_ended() returns trigger language plpgsql as $$
  declare
    best record;
    event text := case new.state when 'failed' then 'sweep.failed' else 'sweep.ended' end;
  begin
    if not exists (select from webhooks where team_id = new.team_id) then
      return null;
    end if;
    -- What was reached last, it may not have been told of yet.
    ${toldBests('select new.*')};
    select found.best_trial, found.score into best from (${bestOf('new.id')}) found;
    insert into deliveries (webhook_id, message)
    select id, ${sweepMessage('event', 'new', 'best')} from webhooks where team_id = new.team_id and event = any(events);
    return null;
  end $$`,
  'drop trigger if exists sweeps_ended on sweeps',
  // At the end of the transaction, its trials are cancelled too.
  `create constraint trigger sweeps_ended after update of state on sweeps deferrable initially deferred for each row
   when (old.state in ('running', 'paused') and new.state not in ('running', 'paused')) execute function sweep_ended()`,
];
