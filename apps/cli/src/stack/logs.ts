import { copyFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a log, after which it begins anew; what it had is kept once, as NAME.log.1. */
const mostBytes = 20e6;
/** Milliseconds between two looks at them. */
const lookMilliseconds = 60_000;

/**
 * Begins logs anew that have grown too large. The processes that write them have them open for appending, so they go on at the new end (as
 * with logrotate's `copytruncate`; a line that is written between the copy and the cut is lost).
 */
export async function cutLogs(folder: string, most = mostBytes): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.endsWith('.log') || (await stat(path)).size <= most) continue;
    await copyFile(path, `${path}.1`);
    await truncate(path);
  }
}

/** Looks at the logs of a folder again and again; returns what ends that. */
export function keepLogsSmall(folder: string): () => void {
  const look = (): void => void cutLogs(folder).catch(() => undefined);
  look();
  const timer = setInterval(look, lookMilliseconds).unref();
  return () => clearInterval(timer);
}
