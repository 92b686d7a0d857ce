// Debian's PgBouncer before a PostgreSQL server, for specs and benchmarks.
const { spawn, spawnSync } = require('node:child_process');
const { chownSync, existsSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { userInfo } = require('node:os');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { freePort, temporaryFolder } = require('./servers.cjs');

/** Where PgBouncer is installed; undefined where it is not. */
const pooler = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync);

/** As root, it is run by the user postgres: it refuses to be run by root. */
function identity() {
  if (userInfo().uid !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

const answers = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true)));
    socket.on('error', () => done(false));
  });

/** Starts PgBouncer in transaction mode before the server of a URL, with at most so many connections to each of its databases. */
async function startPooler(databaseUrl, serverConnections, { serverIdleSeconds = 1 } = {}) {
  const { hostname, port: serverPort, username, password } = new URL(databaseUrl);
  const [folder, port] = [temporaryFolder(), await freePort()];
  const [users, settings] = [join(folder, 'users.txt'), join(folder, 'pgbouncer.ini')];
  writeFileSync(users, `"${username}" "${decodeURIComponent(password)}"\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 10000
server_idle_timeout = ${serverIdleSeconds}
`,
  );
  const own = identity();
  if (own.uid !== undefined) for (const path of [folder, users, settings]) chownSync(path, own.uid, own.gid);
  const child = spawn(pooler, [settings], { ...own, stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', done));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error('PgBouncer did not start');
    await sleep(50);
  }
  return {
    pid: child.pid,
    /** The address of a database of the server through it. */
    url: (of = databaseUrl) => Object.assign(new URL(of), { host: `127.0.0.1:${port}` }).href,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

module.exports = { pooler, startPooler };
