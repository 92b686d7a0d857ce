// The servers that scenarios break: a PostgreSQL that can be stopped and started again on its data, and a Redis.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-faults-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** The stack's own embedded PostgreSQL, with its durability: what a crash would lose is lost here too. */
export async function openPostgres() {
  const { startPostgres } = require('../../../dist/apps/cli/src/stack/embedded-postgres.js');
  const folder = temporaryFolder();
  const { url, stop } = await startPostgres(folder, () => undefined);
  const { port } = new URL(url);
  const cluster = join(folder, 'postgres');
  const { uid, gid } = statSync(cluster);
  const { pg_ctl: control } = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100`;
  /** On the same port: clients find it again where it was. */
  const start = () =>
    new Promise((resolve, reject) => {
      const child = spawn(control, ['start', '-w', '-D', cluster, '-o', options], {
        uid,
        gid,
        stdio: 'ignore',
        detached: true,
      });
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error('PostgreSQL did not come back'))));
    });
  return { url, stop, start };
}

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export async function openRedis() {
  const port = await freePort();
  const folder = temporaryFolder();
  let server;
  const start = async () => {
    const args = [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      '--dir',
      folder,
    ];
    server = spawn('redis-server', args.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (data) => data.includes('Ready to accept connections') && resolve());
      server.on('close', () => reject(new Error('redis-server did not start')));
    });
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, start, kill: () => server.kill('SIGKILL') };
}
