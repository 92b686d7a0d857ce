import { readConfig, type Config } from '@unroll/config';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../errors/command-failed';
import { startPostgres, type Postgres } from './embedded-postgres';
import { removeInstance, takeDataFolder, writeInstance } from './instance';

export interface StackOptions {
  /** Undefined: 4000, or the next free one. */
  port: number | undefined;
  workers: number;
  dataFolder: string;
  engine: string;
  say: (line: string) => void;
}

export interface Stack {
  url: string;
  /** Resolves with the reason when a part of the stack ends by itself. */
  broken: Promise<string>;
  /** Workers first, Postgres last. */
  stop(): Promise<void>;
}

const standardPort = 4000;
const portsTried = 50;
/** Trainers of the local worker: one a core, up to this many. */
const mostSlots = 4;
/** Milliseconds that a part has to end after SIGTERM. */
const patience = 10_000;

type Ready = { type: 'ready'; port?: number } | { type: 'failed'; message: string; code?: string };

class Part {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;

  constructor(
    readonly name: 'api' | 'worker',
    environment: NodeJS.ProcessEnv,
    logFolder: string,
  ) {
    const log = openSync(join(logFolder, `${name}.log`), 'a');
    const entry = join(__dirname, '..', '..', '..', name, 'src', 'main.js');
    this.child = fork(entry, [], { env: environment, detached: true, stdio: ['ignore', log, log, 'ipc'] });
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code, signal) =>
        resolve(`the ${name} ended (${signal ?? `exit code ${code}`}); its log is ${join(logFolder, `${name}.log`)}`),
      ),
    );
  }

  /** What the part says when it is ready. @throws CommandFailed with its own line when it is not */
  async ready(): Promise<{ port?: number }> {
    const said = new Promise<Ready>((resolve) => this.child.once('message', (message) => resolve(message as Ready)));
    const first = await Promise.race([said, this.ended]);
    if (typeof first === 'string') throw new CommandFailed(first);
    if (first.type === 'failed') throw new CommandFailed(first.message, 2);
    return first;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const late = new AbortController();
    const killing = sleep(patience, undefined, { signal: late.signal }).then(
      () => this.child.kill('SIGKILL'),
      () => undefined,
    );
    await this.ended;
    late.abort();
    await killing;
  }
}

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
      `port ${wanted} is in use: choose another with --port, or leave it out to take the next free one`,
      2,
    );
  }
  for (let port = standardPort; port < standardPort + portsTried; port += 1) {
    if (!(await isFree(port, host))) continue;
    if (port !== standardPort) say(`Port ${standardPort} is in use; taking ${port}.`);
    return port;
  }
  throw new CommandFailed(
    `ports ${standardPort} to ${standardPort + portsTried - 1} are all in use: choose one with --port`,
    2,
  );
}

/**
 * Starts the local stack: PostgreSQL (embedded, unless DATABASE_URL names one), the API and workers.
 * @throws CommandFailed
 */
export async function startStack({ port, workers, dataFolder, engine, say }: StackOptions): Promise<Stack> {
  const config = readConfig(process.env, { needsDatabase: false });
  await takeDataFolder(dataFolder, say);
  const parts: Part[] = [];
  let postgres: Postgres | undefined;
  const stop = async (): Promise<void> => {
    for (const name of ['worker', 'api'] as const)
      await Promise.all(parts.filter((part) => part.name === name).map((part) => part.stop()));
    await postgres?.stop();
    removeInstance(dataFolder);
  };
  try {
    const chosen = await choosePort(port, config.host, say);
    postgres = config.databaseUrl ? undefined : await startPostgres(dataFolder, say);
    if (postgres?.adopted) say('Took over the PostgreSQL that an earlier stack left running.');
    const environment = environmentFor(config, {
      port: chosen,
      dataFolder,
      engine,
      databaseUrl: postgres?.url ?? config.databaseUrl,
    });
    const logFolder = join(dataFolder, 'logs');
    mkdirSync(logFolder, { recursive: true });
    const begin = (name: Part['name']): Part => {
      const part = new Part(name, environment, logFolder);
      parts.push(part);
      writeInstance(dataFolder, { pid: process.pid, children: parts.flatMap(({ child }) => child.pid ?? []) });
      return part;
    };
    const api = begin('api');
    const fleet = Array.from({ length: workers }, () => begin('worker'));
    const [{ port: bound = chosen }] = await Promise.all([api.ready(), ...fleet.map((worker) => worker.ready())]);
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${bound}`;
    writeInstance(dataFolder, { pid: process.pid, url, children: parts.flatMap(({ child }) => child.pid ?? []) });
    return { url, broken: Promise.race(parts.map(({ ended }) => ended)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Chosen {
  port: number;
  dataFolder: string;
  engine: string;
  databaseUrl: string;
}

function environmentFor(config: Config, { port, dataFolder, engine, databaseUrl }: Chosen): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: process.env.NODE_ENV ?? 'production',
    DATABASE_URL: databaseUrl,
    UNROLL_PORT: String(port),
    UNROLL_DATA: dataFolder,
    UNROLL_ENGINE: engine === 'auto' ? config.engine : engine,
    UNROLL_SLOTS: process.env.UNROLL_SLOTS ?? String(Math.min(mostSlots, availableParallelism())),
  };
}
