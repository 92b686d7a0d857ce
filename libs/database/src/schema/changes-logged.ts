/** Logs each change of a sweep or a worker, for the live channel. Triggers on trials do the same for theirs. */
const logged = (kind: 'sweep' | 'worker', sweep: string): string[] => [
  `create or replace function ${kind}s_changed() returns trigger language plpgsql as $$
  begin
    insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, '${kind}', id, ${sweep} from touched;
    return null;
  end $$`,
  ...['insert', 'update', 'delete'].map(
    (event) => `create or replace trigger ${kind}s_${event} after ${event} on ${kind}s
     referencing ${event === 'delete' ? 'old' : 'new'} table as touched for each statement execute function ${kind}s_changed()`,
  ),
];

/** What is shown of a worker. */
const shownColumns = [
  'id',
  'trainers',
  'engine',
  'device',
  'lanes',
  'slots',
  'memory_used',
  'memory_total',
  'steps_per_second',
  'drain',
].join(', ');

/** A worker that only says that it is alive has not changed. */
const workersSeen = [
  `create or replace function workers_seen() returns trigger language plpgsql as $$
  begin
    insert into changes (xid, kind, id, sweep_id) select pg_current_xact_id()::text::bigint, 'worker', id, null from (
      select ${shownColumns} from touched except select ${shownColumns} from before
    ) changed;
    return null;
  end $$`,
  `create or replace trigger workers_update after update on workers referencing old table as before new table as touched
   for each statement execute function workers_seen()`,
];

export const changesLogged = [...logged('sweep', 'id'), ...logged('worker', 'null'), ...workersSeen];
