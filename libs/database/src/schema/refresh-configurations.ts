import { indexPlans } from '../index-plans';
import { deviationOf, meanOf, scaleOf } from '../large-values';
import { numberedAs } from '../seeds-of';

/**
 * Trials of a configuration, starting with its first. Plans are made while tables are small and have no statistics, and are then kept: the
 * order and `offset 0` make PostgreSQL find the trials by number instead of scanning all of the sweep's by state.
 */
const seededTrials = (limit: string): string => `select * from trials where sweep_id = sweep
  and ${numberedAs('wanted.number', 'seeds')} order by trials.number ${limit}`;

/**
 * SQL: a trial that may be ranked by its value. Between two stretches of its training it waits with what it has reached, and one that was
 * cancelled has what it had reached by then.
 */
export const mayRank = (trial: string): string =>
  `(${trial}.state in ('completed', 'pruned', 'running', 'cancelled') or (${trial}.state = 'pending' and ${trial}.checkpoint_update > 0))`;

/**
 * SQL: those seeds of a configuration, or of each, that its value is the mean of. Seeds whose training was cut short count where there are
 * no others: in a mean with seeds that were trained to their end, they would say nothing about either.
 */
export const rankedSeeds = (seeds: string, of: 'one' | 'each' = 'one'): string => `select * from (
      select own.*, bool_or(own.state <> 'cancelled') over (${of === 'each' ? 'partition by own.configuration' : ''}) as has_others from (
        ${seeds}
      ) own where own.value is not null and ${mayRank('own')}
    ) ranked where ranked.state <> 'cancelled' or not has_others`;

/** SQL: the state in which a leaderboard shows a configuration by its best trial. */
export const boardState = `case best.state when 'pending' then 'running' else best.state end`;

/** Aggregates the trials of these configurations; more conditions may follow. */
const aggregated = (wanted: string): string => `
  select sweep, wanted.number, seeds, how.objective, score, deviation, repeats, best, reached
  from unnest(${wanted}) as wanted (sweep, number)
  cross join lateral (select total / configurations as seeds, sweeps.objective,
    case when sweeps.objective ->> 'goal' = 'maximize' then -1 else 1 end as sign from sweeps where id = sweep) how
  cross join lateral (
    select ${meanOf('value', 'seeded.number')} * sign as score, ${deviationOf('value', 'seeded.number')} as deviation,
           count(value)::integer as repeats,
           (array_agg(id order by value * sign, seeded.number))[1] as best, array_agg(metrics order by seeded.number) as reached
    from (select *, ${scaleOf('value')} from (${rankedSeeds(seededTrials('offset 0'))}) whole) seeded
  ) came
  where true`;

/**
 * The mean of each metric that all seeds of a configuration have; of a single one, its own. Added up in the order of trials: a sum of
 * doubles depends on its order, and a group's order on the plan.
 */
const meanMetrics = (of: string): string => `case when ${of}.repeats < 2 then coalesce(best.metrics, '{}') else (
               select coalesce(jsonb_object_agg(key, mean), '{}') from (
                 select key, ${meanOf('value', 'place')} as mean from (
                   select *, ${scaleOf('value', 'partition by key')} from (
                     select key, value::double precision as value, place
                     from unnest(${of}.reached) with ordinality as seed (measured, place), jsonb_each_text(measured)
                   ) seeds
                 ) measurements group by key having count(value) = ${of}.repeats
               ) means) end`;

/**
 * Brings the rows of these configurations up to date with their trials. A missing row is inserted whole. Existing rows are first locked, in
 * order, and the trials are read by a later statement: when two transactions end seeds of one configuration, the second sees what the
 * first wrote. Plans are kept for the life of a connection and are made while tables are small, so sequential scans are ruled out.
 */
export const refreshConfigurations = `create or replace function refresh_configurations(sweep_ids text[], numbers integer[])
  returns void language plpgsql ${indexPlans} as $$
  declare
    known_sweeps text[];
    known_numbers integer[];
  begin
    insert into boards (sweep_id, comparison_key, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
    select distinct on (sweep, trials.comparison_key) sweep, trials.comparison_key,
           objective ->> 'goal' || ' ' || (objective ->> 'metric'), objective ->> 'metric', objective ->> 'goal',
           trials.spec -> 'dataset' ->> 'name', dataset_fingerprint, (trials.spec -> 'dataset')::jsonb - 'name',
           trials.spec -> 'task' ->> 'kind', trials.spec -> 'task' ->> 'tokens'
    from unnest(sweep_ids, numbers) as wanted (sweep, number)
    cross join lateral (select total / configurations as seeds, objective from sweeps where id = sweep) how
    cross join lateral (${seededTrials('limit 1')}) trials
    where not exists (select from boards known where known.sweep_id = sweep and known.comparison_key = trials.comparison_key)
    on conflict do nothing;

    with inserted as (
      insert into configurations (sweep_id, configuration, comparison_key, objective, cell, parameters,
        score, deviation, repeats, best_trial, state, metrics, updates, seconds, finished_at)
      select sweep, wanted.number, first.comparison_key, wanted.objective ->> 'goal' || ' ' || (wanted.objective ->> 'metric'),
             coalesce(first.spec -> 'model' ->> 'cell', ''), first.parameters, score, deviation, repeats, best.id, ${boardState},
             ${meanMetrics('wanted')}, coalesce(best.updates, 0), best.seconds, best.finished_at
      from (${aggregated('sweep_ids, numbers')}
        and not exists (select from configurations known where known.sweep_id = sweep and known.configuration = wanted.number)
      ) wanted
      cross join lateral (${seededTrials('limit 1')}) first
      left join trials best on best.id = wanted.best
      on conflict do nothing returning sweep_id, configuration
    )
    -- Not \`not exists\`: without hashes and merges, each would be compared with all that were inserted.
    select array_agg(sweep), array_agg(number) into known_sweeps, known_numbers from (
      select sweep, number from unnest(sweep_ids, numbers) as wanted (sweep, number)
      except select sweep_id, configuration from inserted
    ) known;

    if known_sweeps is null then
      return;
    end if;
    perform from configurations own join unnest(known_sweeps, known_numbers) as wanted (sweep, number)
      on own.sweep_id = sweep and own.configuration = number order by own.sweep_id, own.configuration for update of own;

    update configurations own set score = found.score, deviation = found.deviation, repeats = found.repeats, best_trial = found.best,
           state = ${boardState}, metrics = ${meanMetrics('found')}, updates = coalesce(best.updates, 0),
           seconds = best.seconds, finished_at = best.finished_at
    from (${aggregated('known_sweeps, known_numbers')}
    ) found left join trials best on best.id = found.best
    where own.sweep_id = found.sweep and own.configuration = found.number;
  end $$`;
