import type { EntityManager } from 'typeorm';

/**
 * Brings the tree of shares up to date: adds what ended attempts used to their months and sweeps, counts the trainers in use, and lets what
 * was used before fade. Only the leader calls it, about once a second; claims read the rows as they are.
 *
 * `recent` is an exponentially weighted mean of `running`, so it is in trainers, as SLURM's decayed usage divided by its time constant
 * (PriorityDecayHalfLife): recent' = recent 2^(−t/h) + running (1 − 2^(−t/h)) after t seconds, with the trainers in use at their beginning.
 */
export async function foldUsage(manager: EntityManager, halfLifeSeconds: number): Promise<void> {
  await manager.transaction(async (inner) => {
    await inner.query(addEnded);
    await inner.query(addEndedOfSweeps);
    await inner.query(
      `select add_shares(team_id, owner, priority) from (select distinct team_id, owner, priority from sweeps where state = 'running') known
       where not exists (select from shares where shares.team_id = known.team_id and member = owner and shares.priority = known.priority)`,
    );
    await inner.query(refresh, [halfLifeSeconds]);
  });
}

const month = (time: string): string => `date_trunc('month', ${time} at time zone 'UTC')`;

/** An attempt that ran into a new month counts in both. */
const addEnded = `with ended as (
    delete from usage_log returning *
  ), used as (
    select team_id, member, month::date as month,
           sum(extract(epoch from least(ended at time zone 'UTC', month + interval '1 month') - greatest(began at time zone 'UTC', month)) / lanes)
             as seconds
    from ended cross join lateral generate_series(${month('began')}, ended at time zone 'UTC', interval '1 month') as month
    group by 1, 2, 3
  )
  insert into usage_months as own (team_id, member, month, seconds) select team_id, member, month, seconds from used
  on conflict (team_id, member, month) do update set seconds = own.seconds + excluded.seconds`;

/**
 * The same for sweeps that count hours. What a sweep that is being deleted has stays in the log, without a wait, until it is gone, and is
 * then forgotten, or until it turns out to stay.
 */
const addEndedOfSweeps = `with held as (
    select id from sweeps where id in (select sweep_id from sweep_usage_log) order by id for key share skip locked
  ), ended as (
    delete from sweep_usage_log where sweep_id in (select id from held) or not exists (select from sweeps where id = sweep_id)
    returning *
  )
  insert into sweep_usage as own (sweep_id, seconds)
  select sweep_id, sum(seconds) from ended where sweep_id in (select id from held) group by sweep_id order by sweep_id
  on conflict (sweep_id) do update set seconds = own.seconds + excluded.seconds`;

/** Rows are locked from the team downwards, as by claims. Idle rows are left alone. attempts_of_team holds only running attempts. */
const refresh = `with moment as (
    select clock_timestamp() as now, ${month('clock_timestamp()')} as month
  ), running as (
    select team_id, coalesce(owner, '') as member, coalesce(priority, '') as priority, count(distinct group_id) as groups,
           sum(extract(epoch from now - greatest(started_at, month at time zone 'UTC')) / lanes) as seconds
    from attempts cross join moment where state = 'running'
    group by grouping sets ((team_id), (team_id, owner), (team_id, owner, priority))
  ), months as (
    select team_id, coalesce(member, '') as member, sum(seconds) as seconds
    from (
      select team_id, member, seconds from usage_months where usage_months.month = (select month from moment)::date
      union all -- what has ended since the statement before
      select team_id, member, extract(epoch from ended - greatest(began, moment.month at time zone 'UTC')) / lanes from usage_log, moment
    ) known group by grouping sets ((team_id), (team_id, member))
  ), locked as materialized (
    select * from shares order by team_id, member, priority for no key update
  ), fresh as (
    select locked.team_id, locked.member, locked.priority, now, coalesce(groups, 0) as running,
           case when locked.priority = '' then coalesce(months.seconds, 0) + coalesce(running.seconds, 0) else 0 end as spent,
           locked.recent * kept + locked.running * (1 - kept) as recent
    from locked cross join moment
    cross join lateral (select power(2, -greatest(0, extract(epoch from now - as_of))::double precision / $1) as kept) fading
    left join running using (team_id, member, priority)
    left join months on locked.priority = '' and months.team_id = locked.team_id and months.member = locked.member
  )
  update shares set running = fresh.running, recent = case when fresh.recent < 1e-6 then 0 else fresh.recent end, spent = fresh.spent,
         as_of = now
  from fresh where shares.team_id = fresh.team_id and shares.member = fresh.member and shares.priority = fresh.priority
    and (shares.running, shares.recent, shares.spent) is distinct from (fresh.running, fresh.recent, fresh.spent)`;
