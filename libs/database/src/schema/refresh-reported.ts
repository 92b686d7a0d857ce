import { indexPlans } from '../index-plans';

/**
 * Brings leaderboards and the live channel up to date with reports of trials that still run, of transactions from `since` on that have
 * ended; returns where the next call goes on. Nothing with a lower number can appear later. trials_by_state finds the running trials of
 * the few open sweeps.
 */
export const refreshReported = `create or replace function refresh_reported(since bigint) returns bigint language plpgsql
  ${indexPlans} as $$
  declare
    upto bigint := ended_before();
    sweep_ids text[];
    numbers integer[];
  begin
    with reported as (
      select trials.id, sweep_id, configuration, value from sweeps join trials on sweep_id = sweeps.id and trials.state = 'running'
      where sweeps.state in ('running', 'paused') and reported_in >= since and reported_in < upto
    ), logged as (
      insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, 'trial', id, sweep_id from reported
    )
    select array_agg(sweep_id), array_agg(configuration) into sweep_ids, numbers from (
      select distinct sweep_id, configuration from reported where value is not null
    ) touched;
    if sweep_ids is not null then
      perform refresh_configurations(sweep_ids, numbers);
    end if;
    return upto;
  end $$`;
