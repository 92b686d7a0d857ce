// Starts what a run shares: one PostgreSQL, one Redis where the machine has it, a migrated database that each file clones, and a
// folder where threads find the sources that others have compiled.
import { advisoryLocks, dataSourceOptions, migrate } from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { startPostgres } from './postgres.cjs';
import { hasRedis, startRedis, temporaryFolder, type RedisServer } from './servers.cjs';

declare global {
  var unrollTestServers: { stopPostgres?: () => Promise<void>; redis?: RedisServer; neighbour: Client };
}

/** Durability is off: nothing of a test run has to survive a crash. */
const settings = { fsync: 'off', max_connections: 200 };

/** Creates the template: it accepts no connections, since PostgreSQL does not clone a database that is in use. */
async function createTemplate(server: string): Promise<string> {
  const name = `unroll_${randomBytes(4).toString('hex')}`;
  const client = new Client({ connectionString: `${server}/postgres` });
  await client.connect();
  await client.query(`create database ${name}`);
  const dataSource = new DataSource(dataSourceOptions(`${server}/${name}`));
  await dataSource.initialize();
  await migrate(dataSource);
  await dataSource.destroy();
  await client.query(`alter database ${name} allow_connections false`);
  await client.end();
  return name;
}

/**
 * Another user of the server: a session of another database that holds a transaction, its number, and the locks that the product takes,
 * for the whole run. What a spec or the product takes from the whole server, rather than from its database, it meets in every run and not
 * by chance.
 */
async function openNeighbour(server: string, template: string): Promise<Client> {
  const admin = new Client({ connectionString: `${server}/postgres` });
  await admin.connect();
  await admin.query(`create database ${template}_neighbour`);
  await admin.end();
  const neighbour = new Client({ connectionString: `${server}/${template}_neighbour`, application_name: 'unroll' });
  await neighbour.connect();
  await neighbour.query('begin');
  await neighbour.query('create table trials as select pg_current_xact_id() as xid');
  for (const lock of Object.values(advisoryLocks)) await neighbour.query('select pg_advisory_xact_lock($1)', [lock]);
  return neighbour;
}

export default async function setup(): Promise<void> {
  // A given server is used as it is, which tests other versions of PostgreSQL.
  const postgres = process.env.UNROLL_TEST_POSTGRES ? undefined : await startPostgres(settings);
  process.env.UNROLL_TEST_POSTGRES ??= postgres!.url;
  const redis = hasRedis ? await startRedis() : undefined;
  process.env.UNROLL_TEST_COMPILED = temporaryFolder();
  if (redis) process.env.UNROLL_TEST_REDIS = redis.url;
  const template = await createTemplate(process.env.UNROLL_TEST_POSTGRES);
  process.env.UNROLL_TEST_TEMPLATE = template;
  const neighbour = await openNeighbour(process.env.UNROLL_TEST_POSTGRES, template);
  globalThis.unrollTestServers = { stopPostgres: postgres?.stop, redis, neighbour };
}
