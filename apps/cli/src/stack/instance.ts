import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../errors/command-failed';

/** The stack that runs from a data folder, as its owner wrote it down. */
export interface Instance {
  /** Process of `unroll start`. */
  pid: number;
  url?: string;
  /** Processes that it started. */
  children: number[];
}

const file = (folder: string): string => join(folder, 'instance.json');
/** Milliseconds that processes of a killed stack get to end by themselves. */
const patience = 12_000;

export function readInstance(folder: string): Instance | undefined {
  try {
    return JSON.parse(readFileSync(file(folder), 'utf8')) as Instance;
  } catch {
    return undefined;
  }
}

export function writeInstance(folder: string, instance: Instance): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file(folder), JSON.stringify(instance));
}

export function removeInstance(folder: string): void {
  rmSync(file(folder), { force: true });
}

/** What stands in the command line of `unroll start`, and of the parts that it starts. */
const owner = /unroll|apps\/cli/;
const part = /apps\/(api|worker)\/src\/main\.js/;

/** Whether `pid` is a process of ours, and not one that got its number: alive, and running `program` where the system tells. */
async function isOurs(pid: number, program: RegExp): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return command === undefined || program.test(command);
}

/**
 * Takes the data folder for this process. Where another stack runs from it, that is an error that names its address;
 * what a killed one left behind is ended first.
 * @throws CommandFailed
 */
export async function takeDataFolder(folder: string, say: (line: string) => void): Promise<void> {
  const earlier = readInstance(folder);
  if (earlier && earlier.pid !== process.pid && (await isOurs(earlier.pid, owner)))
    throw new CommandFailed(
      `an Unroll already runs from ${folder}${earlier.url ? ` at ${earlier.url}` : ''} (process ${earlier.pid}): use it, stop it, or give --data another folder`,
      2,
    );
  if (earlier) await endLeftovers(earlier.children, say);
  writeInstance(folder, { pid: process.pid, children: [] });
}

async function endLeftovers(pids: readonly number[], say: (line: string) => void): Promise<void> {
  const deadline = performance.now() + patience;
  let left = pids;
  for (let told = false; ; told = true) {
    const alive = await Promise.all(left.map((pid) => isOurs(pid, part)));
    left = left.filter((_, index) => alive[index]);
    if (left.length === 0) return;
    if (!told) say('Waiting for what an earlier, killed stack left running ...');
    if (performance.now() > deadline) break;
    await sleep(100);
  }
  for (const pid of left) process.kill(pid, 'SIGKILL');
}
