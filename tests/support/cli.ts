import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'unroll.mjs');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The environment of a command: this one's, without what belongs to the tests or to a stack of the developer's. */
function environmentWith(changes: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(UNROLL_|DATABASE_URL|REDIS_URL|ARTIFACTS_URL|NODE_ENV|JEST)/.test(name),
  );
  return { ...Object.fromEntries(own), NO_COLOR: '1', ...changes };
}

/** A folder that nobody else has. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'unroll-e2e-'));

/** Runs the built command and waits for its end. */
export async function unroll(
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd?: string,
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    env: environmentWith(environment),
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return end(child);
}

function end(child: ChildProcess): Promise<Ran> {
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout!.on('data', (data: Buffer) => (ran.stdout += data.toString()));
  child.stderr!.on('data', (data: Buffer) => (ran.stderr += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ran, code })));
}

export interface RunningStack {
  url: string;
  folder: string;
  /** Runs a command against this stack. */
  unroll(...args: string[]): Promise<Ran>;
  /** What it said so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when its process has ended. */
  ended: Promise<Ran>;
}

/** `unroll start` on a free port; resolves when it serves. */
export async function startStack(
  environment: Record<string, string> = {},
  folder = temporaryFolder(),
  args: readonly string[] = [],
): Promise<RunningStack> {
  const child = spawn(process.execPath, [program, 'start', '--port', '0', '--data', folder, ...args], {
    env: environmentWith(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = end(child);
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      const [, address] = /runs at (http:\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    void ended.then(({ stderr }) => reject(new Error(`unroll start ended: ${stderr}`)));
  });
  return {
    url,
    folder,
    unroll: (...rest) => unroll(rest, { UNROLL_DATA: folder }),
    said: () => said,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Whether a process lives; one that ended and was not yet collected by its parent does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
