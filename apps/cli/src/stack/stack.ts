import { readConfig, type Config } from '@unroll/config';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { startPostgres, type Postgres } from './embedded-postgres';
import { removeInstance, takeDataFolder, writeInstance } from './instance';
import { KeptPart } from './kept-part';
import { keepLogsSmall } from './logs';
import { Part } from './part';

export interface StackOptions {
  /** Undefined: 4000, or the next free port. */
  port: number | undefined;
  workers: number;
  dataFolder: string;
  engine: string;
  say: (line: string) => void;
}

export interface Stack {
  url: string;
  /** Resolves with the reason when a process of the stack has exited again and again. */
  broken: Promise<string>;
  /** Stops workers first and PostgreSQL last. */
  stop(): Promise<void>;
}

const standardPort = 4000;
const portsTried = 50;
/** The local worker has one trainer per core, up to this many. */
const mostSlots = 4;

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function choosePort(wanted: number | undefined, host: string, say: (line: string) => void): Promise<number> {
  if (wanted !== undefined) {
    if (wanted === 0 || (await isFree(wanted, host))) return wanted;
    throw new CommandFailed(
      `port ${wanted} is in use: choose another with --port, or omit it to use the next free one`,
      2,
    );
  }
  for (let port = standardPort; port < standardPort + portsTried; port += 1) {
    if (!(await isFree(port, host))) continue;
    if (port !== standardPort) say(`Port ${standardPort} is in use; using ${port}.`);
    return port;
  }
  throw new CommandFailed(
    `ports ${standardPort} to ${standardPort + portsTried - 1} are all in use: choose one with --port`,
    2,
  );
}

/**
 * Starts the local stack: PostgreSQL (embedded, unless DATABASE_URL is set), the API and the workers.
 * @throws CommandFailed
 */
export async function startStack({ port, workers, dataFolder, engine, say }: StackOptions): Promise<Stack> {
  const config = readConfig(process.env, { needsDatabase: false });
  await takeDataFolder(dataFolder, say);
  const parts: KeptPart[] = [];
  let postgres: Postgres | undefined;
  let leaveLogs: (() => void) | undefined;
  const stop = async (): Promise<void> => {
    leaveLogs?.();
    for (const name of ['worker', 'api'] as const)
      await Promise.all(parts.filter((part) => part.name === name).map((part) => part.stop()));
    await postgres?.stop();
    removeInstance(dataFolder);
  };
  try {
    const chosen = await choosePort(port, config.host, say);
    const environment = environmentFor(config, { port: chosen, dataFolder, engine });
    const logFolder = join(dataFolder, 'logs');
    mkdirSync(logFolder, { recursive: true });
    leaveLogs = keepLogsSmall(logFolder);
    const address: { url?: string } = {};
    const record = (): void =>
      writeInstance(dataFolder, { pid: process.pid, children: parts.flatMap(({ pid }) => pid ?? []), ...address });
    const begin = (name: Part['name']): KeptPart => {
      const part = new KeptPart(() => {
        // Until the database is there. One that is started again finds it.
        const begun = new Part(name, environment, logFolder, environment.DATABASE_URL === undefined);
        // Once the process has a number, and this function has returned the part that has it.
        queueMicrotask(record);
        return begun;
      }, say);
      parts.push(part);
      return part;
    };
    const api = begin('api');
    const fleet = Array.from({ length: workers }, () => begin('worker'));
    const ready = allReady(api, fleet);
    // Told below, unless there is no database either.
    ready.catch(() => undefined);
    if (environment.DATABASE_URL === undefined) {
      postgres = await startPostgres(dataFolder, say);
      if (postgres.adopted) say('Reusing the PostgreSQL server that an earlier stack left running.');
      environment.DATABASE_URL = postgres.url;
      for (const part of parts) part.release({ DATABASE_URL: postgres.url });
    }
    const { port: bound = chosen } = await ready;
    // One that is started again takes the same port.
    environment.UNROLL_PORT = String(bound);
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${bound}`;
    Object.assign(address, { url });
    record();
    return { url, broken: Promise.race(parts.map(({ broken }) => broken)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The API's ready message, once all are ready. Where several parts cannot start, the API's reason is the one that is told, whichever failed
 * first: it checks the whole configuration, a worker only what it uses of it.
 * @throws CommandFailed
 */
async function allReady(api: KeptPart, fleet: KeptPart[]): ReturnType<KeptPart['ready']> {
  const ready = api.ready();
  try {
    await Promise.all([ready, ...fleet.map((worker) => worker.ready())]);
  } catch (error) {
    await ready;
    throw error;
  }
  return ready;
}

interface Chosen {
  port: number;
  dataFolder: string;
  engine: string;
}

/** The environment of the processes; without a DATABASE_URL where the database is to be started. */
function environmentFor(config: Config, { port, dataFolder, engine }: Chosen): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: process.env.NODE_ENV ?? 'production',
    DATABASE_URL: config.databaseUrl || undefined,
    UNROLL_PORT: String(port),
    UNROLL_DATA: dataFolder,
    UNROLL_ENGINE: engine === 'auto' ? config.engine : engine,
    UNROLL_SLOTS: process.env.UNROLL_SLOTS ?? String(Math.min(mostSlots, availableParallelism())),
  };
}
