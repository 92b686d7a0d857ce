import { ConfigError, readConfig, type Config } from '@unroll/config';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFor } from './key';

describe('the key of the API', () => {
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

  it('is made once and kept for its owner alone', async () => {
    const key = await keyFor(config());
    expect(key).toMatch(/^[\w-]{32}$/);
    expect(await readFile(file(), 'utf8')).toBe(`${key}\n`);
    expect(await mode()).toBe(0o600);
    expect(await keyFor(config())).toBe(key);
  });

  it('is another in another folder', async () => {
    expect(await keyFor(config())).not.toBe(await keyFor(config({ dataFolder: join(folder, 'other') })));
  });

  it('is hidden again where others could read it', async () => {
    const key = await keyFor(config());
    await chmod(file(), 0o644);
    expect(await keyFor(config())).toBe(key);
    expect(await mode()).toBe(0o600);
  });

  it.each(['', '\n', 'short\n'])('is not what a broken file holds: %j', async (content) => {
    await keyFor(config());
    await writeFile(file(), content);
    await expect(keyFor(config())).rejects.toThrow(
      new ConfigError(`${file()}: holds no key: remove it, and the next start makes one`),
    );
  });

  it('is the one that was given, on any host, and then no file is written', async () => {
    const key = 'a key of one’s own';
    expect(await keyFor(config({ key, host: '0.0.0.0' }))).toBe(key);
    await expect(stat(file())).rejects.toThrow('ENOENT');
  });

  it.each(['127.0.0.1', '::1', 'localhost'])(
    'need not be given where only this machine reaches the API: %s',
    async (host) => {
      expect(await keyFor(config({ host }))).toHaveLength(32);
    },
  );

  it.each(['0.0.0.0', '::', '192.168.0.2', 'example.com', '127.0.0.1.example.com', ''])(
    'must be given where others reach the API: %s',
    async (host) => {
      await expect(keyFor(config({ host }))).rejects.toThrow(/^UNROLL_KEY: is missing; whoever reaches/);
      await expect(stat(file())).rejects.toThrow('ENOENT');
    },
  );
});
