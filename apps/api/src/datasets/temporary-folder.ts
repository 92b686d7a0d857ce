import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Injection token of the folder for temporary files. */
export const temporaryFolder = Symbol('TemporaryFolder');

/**
 * The folder of this process for temporary files, such as those that are being uploaded. Those of processes that have ended on this machine
 * are removed.
 */
export function openTemporaryFolder(dataFolder: string): string {
  const root = join(dataFolder, 'temporary');
  const own = `${hostname()}.${process.pid}`;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(root)) {
    const pid = Number(name.slice(hostname().length + 1));
    const isHere = name.startsWith(`${hostname()}.`) && Number.isInteger(pid);
    if (isHere && (name === own || !isRunning(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
  mkdirSync(join(root, own), { recursive: true, mode: 0o700 });
  return join(root, own);
}
