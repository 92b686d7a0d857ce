import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment, program, ran, unroll, type Ran } from './cli';
import { createDatabase } from './database';
import { temporaryFolder } from './servers.cjs';

export interface RunningStack {
  readonly url: string;
  readonly folder: string;
  /** Runs a command against this stack. */
  unroll(...args: string[]): Promise<Ran>;
  /** Calls its API with its key. */
  api<Answer = any>(path: string): Promise<Answer>;
  /** Writes a file into its folder; returns the path. */
  write(name: string, content: string): string;
  /** What it has printed so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when its process has ended. */
  readonly ended: Promise<Ran>;
}

/** Levels of the log at which the API does not say that a computation has held it up. */
const quiet = ['fatal', 'error', 'silent'];

/** @throws Error if a computation has held up the API of a data folder, as its log says */
function requireNoneHeldUp(folder: string): void {
  const log = join(folder, 'logs', 'api.log');
  const lines = (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n');
  const at = lines.findIndex((line) => line.includes('requests were held up'));
  if (at < 0) return;
  const around = lines.slice(Math.max(0, at - 4), at + 5).join('\n');
  throw new Error(`a computation held up the API, as its log says:\n${around}`);
}

/**
 * Starts `unroll start` on a free port, with one trainer unless the environment says otherwise; resolves when it serves. `ended` rejects if
 * a computation has held up its API.
 */
export async function startStack(
  environment: Record<string, string> = {},
  folder = temporaryFolder(),
  args: readonly string[] = [],
): Promise<RunningStack> {
  if (quiet.includes(environment.UNROLL_LOG_LEVEL ?? '')) throw new Error('the log of a stack is part of each test');
  const child = spawn(process.execPath, [program, 'start', '--port', '0', '--data', folder, ...args], {
    env: commandEnvironment({ UNROLL_SLOTS: '1', ...environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = ran(child).then((result) => {
    requireNoneHeldUp(folder);
    return result;
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      const [, address] = /runs at (http:\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    ended.then(({ stderr }) => reject(new Error(`unroll start ended: ${stderr}`)), reject);
  });
  const key = (): string => readFileSync(join(folder, 'key'), 'utf8').trim();
  return {
    url,
    folder,
    unroll: (...rest) => unroll(rest, { UNROLL_DATA: folder }),
    api: async (path) =>
      (await fetch(url + path, { headers: { authorization: `Bearer ${key()}` } })).json() as Promise<any>,
    write: (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    said: () => said,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Ends a stack as Ctrl-C does; fails unless it shuts down cleanly, and no computation has held up its API. */
async function stopStack(stack: RunningStack): Promise<void> {
  stack.kill('SIGINT');
  const { code, stderr } = await stack.ended;
  if (code !== 0) throw new Error(`unroll start ended with code ${code}: ${stderr}`);
}

/** Starts a stack on a database of its own, passes it to `use`, and stops it. */
export async function withStack<Result>(
  environment: Record<string, string>,
  use: (stack: RunningStack) => Promise<Result>,
): Promise<Result> {
  const stack = await startStack({ DATABASE_URL: await createDatabase(), ...environment });
  try {
    return await use(stack);
  } finally {
    await stopStack(stack);
  }
}

/** Gives the surrounding block a running stack on a database of its own, which must shut down cleanly after it. */
export function useStack(environment: Record<string, string> = {}): RunningStack {
  let stack: RunningStack | undefined;
  beforeAll(async () => {
    stack = await startStack({ DATABASE_URL: await createDatabase(), ...environment });
  });
  afterAll(async () => stack && (await stopStack(stack)));
  return {
    get url() {
      return stack!.url;
    },
    get folder() {
      return stack!.folder;
    },
    get ended() {
      return stack!.ended;
    },
    unroll: (...args) => stack!.unroll(...args),
    api: (path) => stack!.api(path),
    write: (name, content) => stack!.write(name, content),
    said: () => stack!.said(),
    kill: (signal) => stack!.kill(signal),
  };
}
