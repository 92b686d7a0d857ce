// Drops the databases of the run and stops its servers. The run fails if a connection is still open, or if a process that a
// test started is still running.
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Client } from 'pg';

/** Kills what is left of the commands and stacks that tests started; returns their command lines. Needs /proc, as on Linux. */
function killProcesses(run: string): string[] {
  if (process.platform !== 'linux') return [];
  const left: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`TEST_RUN=${run}`)) continue;
      left.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to another user.
    }
  return left;
}

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
  const { stopPostgres, redis, neighbour } = globalThis.unrollTestServers;
  await neighbour.end();
  const template = process.env.UNROLL_TEST_TEMPLATE!;
  const open = await dropDatabases(process.env.UNROLL_TEST_POSTGRES!, template);
  const processes = killProcesses(template);
  redis?.kill();
  await stopPostgres?.();
  await rm(process.env.UNROLL_TEST_COMPILED!, { recursive: true });
  if (open.length > 0) throw new Error(`tests left connections open: ${JSON.stringify(open)}`);
  if (processes.length > 0) throw new Error(`tests left processes running: ${processes.join('; ')}`);
}
