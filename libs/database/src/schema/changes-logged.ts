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

export const changesLogged = [...logged('sweep', 'id'), ...logged('worker', 'null')];
