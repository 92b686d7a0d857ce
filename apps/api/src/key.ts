import { ConfigError, isLoopback, type Config } from '@unroll/config';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The key that requests must carry: UNROLL_KEY, or, on a loopback address, a local key that is generated once and stored in `<data>/key`,
 * readable by its owner only.
 * @throws ConfigError if other machines could reach the API and no key was given
 */
export async function loadKey({ key, host, dataFolder }: Config): Promise<string> {
  if (key !== undefined) return key;
  if (!isLoopback(host))
    throw new ConfigError(
      `UNROLL_KEY: is missing; anyone who can reach ${host} could use the API: give a key of at least 16 characters`,
    );
  await mkdir(dataFolder, { recursive: true });
  const path = join(dataFolder, 'key');
  try {
    const generated = randomBytes(24).toString('base64url');
    await writeFile(path, `${generated}\n`, { mode: 0o600, flag: 'wx' });
    return generated;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const stored = (await readFile(path, 'utf8')).trim();
    if (stored.length < 16)
      throw new ConfigError(`${path}: contains no key: remove the file, and the next start generates one`);
    await chmod(path, 0o600);
    return stored;
  }
}
