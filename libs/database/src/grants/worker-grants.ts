import { Client } from 'pg';

/** Privileges of a worker's role, by table: what its statements, and the triggers and functions that they call, read and write. */
const privileges: Readonly<Record<string, string>> = {
  migrations: 'select',
  datasets: 'select',
  sweeps: 'select',
  trials: `select, update (state, started_at, finished_at, value, metrics, updates, seconds, validation_seconds, engine, lanes, model, most_lanes, checkpoint,
    checkpoint_update, adopted, sample, message, reported_in, spec, parameters, drawn, signature)`,
  attempts: 'select, insert, update (state, lanes, lease_until, finished_at, message, log)',
  metric_chunks: 'select, insert, update, delete',
  diagnostics: 'select, insert, update, delete',
  samples: 'select, insert, update, delete',
  snapshots: 'select, insert, update, delete',
  baselines: 'select, insert',
  verdicts: 'select, insert, update',
  configurations: 'select, insert, update',
  boards: 'select, insert',
  changes: 'select, insert',
  workers: 'select, insert, update, delete',
  signature_memory: 'select, insert',
  departed_memory: 'select, insert, update (left_at)',
  // Whose turn it is, and what an attempt used when it ends.
  shares: 'select, update (running, as_of)',
  usage_log: 'insert',
  sweep_usage_log: 'insert',
  prompts: 'select, update (state, worker_id, pieces, message, heard_at)',
};

/** Milliseconds after which the server ends an idle transaction of a worker, whose locks would block others. */
const silence = 8000;

/** The grants cannot be made. The message is one line. */
export class GrantsRefused extends Error {
  override readonly name = 'GrantsRefused';
}

/**
 * SQL statements that give a role what a worker needs, and nothing else: not the keys, members and teams, not the audit, no change of a
 * sweep. Granted again after an update, they take back what is no longer needed.
 * @throws GrantsRefused for a name that would have to be quoted
 */
export function workerGrants(role: string): string[] {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role))
    throw new GrantsRefused(`${role} is no name of a role: use lower-case letters, digits and _`);
  return [
    `revoke all on all tables in schema public from ${role}`,
    `revoke all on all sequences in schema public from ${role}`,
    `grant usage on schema public to ${role}`,
    ...Object.entries(privileges).flatMap(([table, own]) =>
      own
        .replace(/\s+/g, ' ')
        .split(/, (?![^(]*\))/)
        .map((privilege) => `grant ${privilege} on ${table} to ${role}`),
    ),
    `grant usage on sequence changes_sequence_seq, verdicts_sequence_seq to ${role}`,
    // Where the queue is on PostgreSQL, BullMQ's functions read and write its tables.
    `do $$ begin
  if to_regnamespace('bullmq') is not null then
    grant usage on schema bullmq to ${role};
    grant select, insert, update, delete on all tables in schema bullmq to ${role};
    grant usage on all sequences in schema bullmq to ${role};
  end if;
end $$`,
    `alter role ${role} set idle_in_transaction_session_timeout = ${silence}`,
  ];
}

/** Makes the grants, all or none. @throws GrantsRefused */
export async function grantToWorkers(url: string, role: string): Promise<void> {
  const statements = workerGrants(role);
  const client = new Client({ connectionString: url, application_name: 'unroll grants' });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
    if (!rowCount)
      throw new GrantsRefused(`there is no role ${role}: create it first, as create role ${role} login password '...'`);
    await client.query(['begin', ...statements, 'commit'].join(';\n'));
  } finally {
    await client.end();
  }
}
