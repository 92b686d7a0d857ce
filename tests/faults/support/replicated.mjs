// A PostgreSQL primary with a streaming replica behind one address, from Debian's binaries: the embedded ones have no pg_basebackup.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, temporaryFolder } from '../../support/servers.cjs';
import { openProxy } from './proxy.mjs';

const root = '/usr/lib/postgresql';
const bin = existsSync(root) ? join(root, readdirSync(root).sort().at(-1), 'bin') : undefined;

/** PostgreSQL refuses to run as root. */
function owner() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

export const missing = () =>
  bin && existsSync(join(bin, 'pg_basebackup')) ? undefined : "needs Debian's package postgresql (pg_basebackup)";

function run(program, args, { mayFail = false } = {}) {
  const { status, stderr } = spawnSync(join(bin, program), args, {
    ...owner(),
    cwd: '/tmp',
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0 && !mayFail) throw new Error(`${program}: ${stderr}`);
}

/** Starts both. `isSynchronous`: a commit is acknowledged once the replica has it on disk. */
export async function openReplicated(isSynchronous) {
  const folder = temporaryFolder();
  const [primary, replica] = ['primary', 'replica'].map((name) => join(folder, name));
  for (const each of [primary, replica]) {
    mkdirSync(each, { mode: 0o700 });
    if (process.getuid() === 0) chownSync(each, owner().uid, owner().gid);
  }
  const ports = [await freePort(), await freePort()];
  const start = (data, port, more = []) => {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 100,
      ...Object.fromEntries(more),
    };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    run('pg_ctl', ['start', '-w', '-D', data, '-l', join(data, 'log'), '-o', `-p ${port} ${options.join(' ')}`]);
  };
  run('initdb', ['-D', primary, '-U', 'unroll', '-A', 'trust', '--locale=C', '--encoding=UTF8']);
  start(primary, ports[0]);
  run('pg_basebackup', [
    '-h',
    '127.0.0.1',
    '-p',
    String(ports[0]),
    '-U',
    'unroll',
    '-D',
    replica,
    '-R',
    '-X',
    'stream',
  ]);
  start(replica, ports[1]);
  if (isSynchronous) {
    run('pg_ctl', ['stop', '-m', 'fast', '-D', primary]);
    start(primary, ports[0], [['synchronous_standby_names', '*']]);
  }
  const target = { hostname: '127.0.0.1', port: ports[0] };
  const proxy = await openProxy(target);
  return {
    url: proxy.url('postgres://unroll@127.0.0.1/postgres'),
    replicaUrl: `postgres://unroll@127.0.0.1:${ports[1]}/postgres`,
    primaryUrl: `postgres://unroll@127.0.0.1:${ports[0]}/postgres`,
    /** The primary dies as if its machine did, and the replica takes over at the same address. */
    failOver: () => {
      run('pg_ctl', ['stop', '-m', 'immediate', '-D', primary]);
      run('pg_ctl', ['promote', '-w', '-D', replica]);
      target.port = ports[1];
    },
    stop: () => {
      proxy.close();
      for (const data of [primary, replica]) run('pg_ctl', ['stop', '-m', 'immediate', '-D', data], { mayFail: true });
    },
  };
}
