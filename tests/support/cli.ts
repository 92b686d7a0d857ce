import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const program = join(__dirname, '..', '..', 'apps', 'cli', 'bin', 'unroll.mjs');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The environment of a command: this process's own, without the variables of the tests or of a developer's stack. */
export function commandEnvironment(changes: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(UNROLL_|DATABASE_URL|REDIS_URL|ARTIFACTS_URL|NODE_ENV|JEST)/.test(name),
  );
  // The teardown of the run finds processes that were left running by this mark.
  return { ...Object.fromEntries(own), NO_COLOR: '1', TEST_RUN: process.env.UNROLL_TEST_TEMPLATE, ...changes };
}

/** Runs the built command and waits until it has ended. */
export async function unroll(
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd?: string,
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], {
    env: commandEnvironment(environment),
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return ran(child);
}

/** The same with `input` piped into its standard input. */
export function unrollPiped(input: string | Uint8Array, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...args], { env: commandEnvironment({}), stdio: 'pipe' });
  child.stdin.end(input);
  return ran(child);
}

/** Resolves with what a process printed and how it ended. */
export function ran(child: ChildProcess): Promise<Ran> {
  const result: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout!.on('data', (data: Buffer) => (result.stdout += data.toString()));
  child.stderr!.on('data', (data: Buffer) => (result.stderr += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...result, code })));
}

/** What a command printed that is to succeed; throws what it said if it does not. */
export async function succeeds(running: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`ended with code ${code}: ${stderr}`);
  return stdout;
}

/** Whether a process is alive; one that has ended but was not yet reaped by its parent is not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
