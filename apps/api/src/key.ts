import { ConfigError, type Config } from '@unroll/config';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The key that requests must carry: UNROLL_KEY, or on a loopback address a local one, made once and kept in
 * `<data>/key` for its owner alone.
 * @throws ConfigError where others could reach the API and no key was given
 */
export async function keyFor({ key, host, dataFolder }: Config): Promise<string> {
  if (key !== undefined) return key;
  if (!loopback.has(host))
    throw new ConfigError(
      `UNROLL_KEY: is missing; whoever reaches ${host} could use the API: give a key of at least 16 characters`,
    );
  await mkdir(dataFolder, { recursive: true });
  const path = join(dataFolder, 'key');
  try {
    const made = randomBytes(24).toString('base64url');
    await writeFile(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const kept = (await readFile(path, 'utf8')).trim();
    if (kept.length < 16) throw new ConfigError(`${path}: holds no key: remove it, and the next start makes one`);
    await chmod(path, 0o600);
    return kept;
  }
}
