// Drops the databases of the run and stops its servers. The run fails if a connection is still open.
import { Client } from 'pg';

/** Drops every database of this run; returns the connections that were still open to one. */
async function dropDatabases(server: string, template: string): Promise<unknown[]> {
  const client = new Client({ connectionString: `${server}/postgres` });
  await client.connect();
  const { rows: open } = await client.query(
    `select datname, application_name, count(*)::integer as connections from pg_stat_activity
     where starts_with(datname, $1) and backend_type = 'client backend' group by datname, application_name`,
    [template],
  );
  const { rows: databases } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [template],
  );
  for (const { datname } of databases) await client.query(`drop database ${datname} with (force)`);
  await client.end();
  return open;
}

export default async function teardown(): Promise<void> {
  const { stopPostgres, redis } = globalThis.unrollTestServers;
  const open = await dropDatabases(process.env.UNROLL_TEST_POSTGRES!, process.env.UNROLL_TEST_TEMPLATE!);
  redis?.kill();
  await stopPostgres?.();
  if (open.length > 0) throw new Error(`tests left connections open: ${JSON.stringify(open)}`);
}
