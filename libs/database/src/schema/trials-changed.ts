import { mayRank } from './refresh-configurations';

/**
 * After each statement that changes trials: logs the changes, and refreshes the configurations in which a value was added, changed or
 * removed. A trial that runs on has reported: the leader does the same for all of those at once (refresh-reported.ts).
 */
export const trialsChanged = [
  `create or replace function trials_changed() returns trigger language plpgsql as $$
  declare
    sweep_ids text[];
    numbers integer[];
  begin
    if not exists (select from after_rows where state <> 'running') and
       not exists (select from before_rows where state <> 'running') then
      return null;
    end if;
    insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, 'trial', id, sweep_id from after_rows;
    -- Not joined: a plan that was made for a few rows, and is kept, would compare each of many with all.
    select array_agg(sweep_id), array_agg(configuration) into sweep_ids, numbers from (
      select sweep_id, configuration from after_rows where value is not null and ${mayRank('after_rows')}
      union select sweep_id, configuration from before_rows where value is not null and ${mayRank('before_rows')}
    ) touched;
    if sweep_ids is not null then
      perform refresh_configurations(sweep_ids, numbers);
    end if;
    return null;
  end $$`,
  `create or replace trigger trials_update after update on trials referencing old table as before_rows new table as after_rows
   for each statement execute function trials_changed()`,
];
