import { ConfigError, readConfig, type Config } from '@unroll/config';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKey } from './key';

describe('the API key', () => {
  let folder: string;
  const config = (changes: Partial<Config> = {}): Config => ({
    ...readConfig({ UNROLL_DATA: join(folder, 'data') }, { needsDatabase: false }),
    ...changes,
  });
  const file = (): string => join(folder, 'data', 'key');
  const mode = async (): Promise<number> => (await stat(file())).mode & 0o777;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unroll-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is generated once and readable by its owner only', async () => {
    const key = await loadKey(config());
    expect(key).toMatch(/^[\w-]{32}$/);
    expect(await readFile(file(), 'utf8')).toBe(`${key}\n`);
    expect(await mode()).toBe(0o600);
    expect(await loadKey(config())).toBe(key);
  });

  it('differs between data folders', async () => {
    expect(await loadKey(config())).not.toBe(await loadKey(config({ dataFolder: join(folder, 'other') })));
  });

  it('is made unreadable for others again if they could read it', async () => {
    const key = await loadKey(config());
    await chmod(file(), 0o644);
    expect(await loadKey(config())).toBe(key);
    expect(await mode()).toBe(0o600);
  });

  it.each(['', '\n', 'short\n'])('is not read from a damaged file: %j', async (content) => {
    await loadKey(config());
    await writeFile(file(), content);
    await expect(loadKey(config())).rejects.toThrow(
      new ConfigError(`${file()}: contains no key: remove the file, and the next start generates one`),
    );
  });

  it('is the one that was given, on any host, and no file is written', async () => {
    const key = 'the team’s shared key';
    expect(await loadKey(config({ key, host: '0.0.0.0' }))).toBe(key);
    await expect(stat(file())).rejects.toThrow('ENOENT');
  });

  it.each(['127.0.0.1', '::1', 'localhost'])(
    'need not be given if only this machine can reach the API: %s',
    async (host) => {
      expect(await loadKey(config({ host }))).toHaveLength(32);
    },
  );

  it.each(['0.0.0.0', '::', '192.168.0.2', 'example.com', '127.0.0.1.example.com', ''])(
    'must be given if other machines can reach the API: %s',
    async (host) => {
      await expect(loadKey(config({ host }))).rejects.toThrow(/^UNROLL_KEY: is missing; anyone who can reach/);
      await expect(stat(file())).rejects.toThrow('ENOENT');
    },
  );
});
