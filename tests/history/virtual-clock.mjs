// A database whose clock is the test's: clock_timestamp() and pg_postmaster_start_time() are functions of a schema that comes before
// PostgreSQL's own, so that the real statements of Unroll run at any time that a schedule wants.

const schema = `
create schema simulated;
create table simulated.clock (at timestamptz not null, started timestamptz not null);
insert into simulated.clock values ('2030-01-01T00:00:00Z', '2020-01-01T00:00:00Z');
create sequence simulated.ticks;
create function simulated.clock_timestamp() returns timestamptz language sql volatile as
  $$ select at + nextval('simulated.ticks') * interval '1 microsecond' from simulated.clock $$;
create function simulated.pg_postmaster_start_time() returns timestamptz language sql volatile as
  $$ select started from simulated.clock $$;
`;

/** The columns that PostgreSQL fills with its own clock by itself. */
const defaults = `
select format('alter table %I alter column %I set default simulated.clock_timestamp()', relname, attname) as statement
from pg_attrdef join pg_class on pg_class.oid = adrelid join pg_namespace on pg_namespace.oid = relnamespace
join pg_attribute on attrelid = adrelid and attnum = adnum
where nspname = 'public' and pg_get_expr(adbin, adrelid) like '%clock_timestamp()%'`;

/** Gives a migrated database a clock that only `advance` and `jump` move. `query` runs a statement and resolves with its rows. */
export async function installVirtualClock(query, database) {
  await query(schema);
  for (const { statement } of await query(defaults)) await query(statement);
  await query(`alter database ${database} set search_path = simulated, pg_catalog, public`);
  const clock = {
    /** Seconds since 1970, as if it had never been set. */
    time: Date.parse('2030-01-01T00:00:00Z') / 1000,
    /** Time passes. */
    async advance(seconds) {
      await query(`update simulated.clock set at = at + make_interval(secs => $1)`, [seconds]);
      clock.time += seconds;
    },
    /** The clock is set, as on a machine that slept or whose time was wrong; the history says so. */
    jump: (seconds) =>
      query(
        `with moved as (update simulated.clock set at = at + make_interval(secs => $1))
         select history.write(json_build_object('event', 'jump', 'seconds', $1::double precision))`,
        [seconds],
      ),
    /** The server has started again just now. */
    restart: () => query('update simulated.clock set started = at'),
  };
  return clock;
}
