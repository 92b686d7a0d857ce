// Writes histories for the checker: what PostgreSQL commits, by triggers in a schema of their own.
const { appendFileSync } = require('node:fs');

const triggers = `
create schema if not exists history;
create table if not exists history.log (n bigserial primary key, at timestamptz not null, xid text not null, event json not null);
create or replace function history.write(event json) returns void language sql as
  $$ insert into history.log (at, xid, event) values (clock_timestamp(), pg_current_xact_id()::text, event) $$;
create or replace function history.attempt() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then
    perform history.write(json_build_object('event', 'begin', 'attempt', new.id, 'trial', new.trial_id, 'worker', new.worker_id,
      'until', new.lease_until));
  elsif old.state <> new.state then
    perform history.write(json_build_object('event', 'end', 'attempt', new.id, 'trial', new.trial_id, 'to', new.state));
  elsif old.lease_until <> new.lease_until then
    perform history.write(json_build_object('event', 'lease', 'attempt', new.id, 'until', new.lease_until));
  end if;
  return null;
end $$;
create or replace function history.trial() returns trigger language plpgsql as $$ begin
  if tg_op = 'DELETE' then perform history.write(json_build_object('event', 'delete', 'trial', old.id));
  elsif tg_op = 'INSERT' then
    perform history.write(json_build_object('event', 'insert', 'trial', new.id, 'sweep', new.sweep_id, 'state', new.state));
  else perform history.write(json_build_object('event', 'trial', 'trial', new.id, 'state', new.state, 'updates', new.updates,
    'value', case when abs(new.value) < 'Infinity'::double precision then new.value end));
  end if;
  return null;
end $$;
create or replace function history.points() returns trigger language plpgsql as $$ begin
  perform history.write(json_build_object('event', 'points', 'trial', new.trial_id, 'name', new.name, 'first', new.first_update));
  return null;
end $$;
create or replace function history.sweep() returns trigger language plpgsql as $$ begin
  perform history.write(json_build_object('event', 'sweep', 'sweep', new.id, 'state', new.state, 'limit', new.concurrent_trials));
  return null;
end $$;
create or replace trigger history_attempt after insert or update on attempts for each row execute function history.attempt();
create or replace trigger history_trial after insert or delete or update of state, value, updates on trials
  for each row execute function history.trial();
create or replace trigger history_points after insert or update on metric_chunks for each row execute function history.points();
create or replace trigger history_sweep after insert or update of state, concurrent_trials on sweeps
  for each row execute function history.sweep();
`;

/** Has PostgreSQL record from now on what becomes of trials and attempts. `query` runs a statement and resolves with its rows. */
async function installRecorder(query) {
  await query(triggers);
}

/** The events of the server, and what is stored now. */
async function recorded(query) {
  const rows = await query(`select n::integer, at, xid, event from history.log order by history.log.n`);
  const trials = await query(`select id, state, updates from trials`);
  const sweeps = await query(`select id from sweeps`);
  return [
    ...rows.map(({ n, at, xid, event }) => ({ by: 'server', n, at: new Date(at).toISOString(), xid, ...event })),
    { event: 'stored', trials, sweeps: sweeps.map(({ id }) => id) },
  ];
}

/** Writes events to a file, one a line. */
const writeHistory = (file, events) =>
  appendFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));

module.exports = { installRecorder, recorded, writeHistory };
