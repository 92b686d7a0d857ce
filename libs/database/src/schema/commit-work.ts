import { indexPlans } from '../index-plans';
import { runningAttempts } from '../trials/lock-attempts';
import { writeReports } from '../trials/transitions/finish';

/** The part of a lease that is left when it is renewed: until then a renewal writes nothing. */
const renewedAt = 0.75;

/** The rows of a document of the work whose attempt is live. */
const rowsOf = (document: string, columns: string): string =>
  `json_to_recordset(${document}) as row (attempt text, ${columns}) where attempt = any(live)`;

/**
 * All that a worker tells the database, in one statement: it renews the leases of the attempts `held`, reports the worker as alive, and
 * writes reports and results behind the fence. Documents that are null cost nothing. Returns the attempts that are no longer held, with
 * the reason; where somebody has asked the worker to leave, also a row without an attempt that says how.
 *
 * When the answer to a commit is lost, the worker sends it again, perhaps with more points at the end: the later chunk of a curve holds
 * all of the first. Plans are generic and kept for the life of a connection: PostgreSQL would otherwise plan some of the statements in
 * each call, a fifth of what a report costs. They are made while tables are small, so scans of whole tables are ruled out.
 */
export const commitWork = `create or replace function commit_work(held text[], lease_seconds double precision, worker json, reports json,
    curves json, diagnostics json, snapshots json, samples json, baselines json) returns table (attempt text, reason text)
  language plpgsql ${indexPlans}
  set plan_cache_mode = force_generic_plan as $$
  #variable_conflict use_column
  declare
    live text[];
    -- The end of the lease that ends first.
    soonest timestamptz;
    leaving text;
  begin
    if reports is not null then
      -- The fence: those of the attempts that still run, locked in the order of their ids until the transaction ends.
      select coalesce(array_agg(id), '{}'), min(lease_until) into live, soonest from (${runningAttempts('held', 'for update')}) as own;
    else
      select coalesce(array_agg(id), '{}'), min(lease_until) into live, soonest from (${runningAttempts('held')}) as own;
    end if;
    if soonest < clock_timestamp() + make_interval(secs => lease_seconds * ${renewedAt}) then
      with own as (${runningAttempts('held', 'for update')})
      update attempts set lease_until = clock_timestamp() + make_interval(secs => lease_seconds) from own
      where attempts.id = own.id;
      -- What was reaped while this waited for its row is no longer held.
      live := array(select id from (${runningAttempts('held')}) as own);
    end if;

    if worker is not null then
      insert into workers (id, host, pid, trainers, engine, device, labels, lanes, slots, memory_used, memory_total,
        steps_per_second, use, memory_class, room)
      select id, host, pid, trainers, engine, device, coalesce(labels, '{}'), lanes, slots, "memoryUsed", "memoryTotal", "stepsPerSecond", coalesce(use, '{}'), "memoryClass", room
      from json_to_record(worker) as row (id text, host text, pid integer, trainers integer[], engine text, device text,
        lanes integer, slots integer, "memoryUsed" bigint, "memoryTotal" bigint, "stepsPerSecond" double precision,
        use smallint[], labels jsonb, "memoryClass" text, room double precision)
      on conflict (id) do update set trainers = excluded.trainers, engine = excluded.engine, device = excluded.device,
        lanes = excluded.lanes, slots = excluded.slots, memory_used = excluded.memory_used, memory_total = excluded.memory_total,
        steps_per_second = excluded.steps_per_second, use = excluded.use, memory_class = excluded.memory_class, room = excluded.room,
        last_seen = clock_timestamp()
      returning drain into leaving;
    end if;

    if cardinality(live) > 0 and reports is not null then
      if curves is not null then
        insert into metric_chunks (trial_id, name, first_update, updates, values)
        select trial, name, updates[1], updates, values
        from ${rowsOf('curves', 'trial text, name text, updates integer[], values double precision[]')}
        on conflict (trial_id, name, first_update) do update set updates = excluded.updates, values = excluded.values;
      end if;
      if diagnostics is not null then
        insert into diagnostics (trial_id, update, figures)
        select trial, update, figures from ${rowsOf('diagnostics', 'trial text, update integer, figures json')}
        on conflict (trial_id, update) do update set figures = excluded.figures;
      end if;
      if snapshots is not null then
        insert into snapshots (trial_id, content)
        select trial, content from ${rowsOf('snapshots', 'trial text, content json')}
        on conflict (trial_id) do update set content = excluded.content;
      end if;
      if samples is not null then
        insert into samples (trial_id, place, update, content)
        select trial, place, update, content from ${rowsOf('samples', 'trial text, place integer, update integer, content text')}
        on conflict (trial_id, place) do update set update = excluded.update, content = excluded.content;
      end if;
      if baselines is not null then
        insert into baselines (comparison_key, name, metrics)
        select key, name, metrics from json_to_recordset(baselines) as row (key text, name text, metrics jsonb) on conflict do nothing;
      end if;${writeReports}
    end if;

    if leaving is not null then
      return query select null::text, leaving;
    end if;
    if cardinality(live) < cardinality(held) then
      return query select asked, case when attempts.state = 'cancelled' then 'cancelled'
          when attempts.state = 'succeeded' and trials.state = 'pruned' then 'pruned' else 'refused' end
        from unnest(held) as asked left join attempts on attempts.id = asked left join trials on trials.id = trial_id
        where asked <> all(live);
    end if;
  end $$`;
