import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { useApi } from '../support/api';
import { commandEnvironment, program, ran, unroll, type Ran } from '../support/cli';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { letters } from '../support/sweeps';

const dataSource = useDatabase();
const api = useApi(dataSource);

describe('a team on the command line', () => {
  const home = temporaryFolder();
  const credentials = join(home, 'unroll', 'credentials.json');
  const stored = { XDG_CONFIG_HOME: home, UNROLL_DATA: join(home, 'no-stack') };
  const operator = (...args: string[]): Promise<Ran> => unroll(args, { UNROLL_URL: api.url, UNROLL_KEY: api.key });
  const run = (...args: string[]): Promise<Ran> => unroll(args, stored);

  /** Signs in with a key that is piped in. */
  function login(key: string): Promise<Ran> {
    const child = spawn(process.execPath, [program, 'login', `${api.url}/`], {
      env: commandEnvironment(stored),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(`${key}\n`);
    return ran(child);
  }

  it('is created, and its people sign in, each with what their role allows', async () => {
    const created = await operator('team', 'create', 'speech', '--admin', 'Ada Lovelace');
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^unroll_[\w-]{43}\n$/) });
    expect(await login(created.stdout.trim())).toMatchObject({
      code: 0,
      stdout: `Signed in to ${api.url} as Ada Lovelace, an admin of the team speech. The key is stored in ${credentials}.\n`,
    });
    expect(statSync(credentials).mode & 0o777).toBe(0o600);
    expect((await run('whoami')).stdout).toBe(`You are Ada Lovelace, an admin of the team speech, at ${api.url}.\n`);
    expect((await run('member', 'add', 'Grace', '--role', 'viewer')).code).toBe(0);
    const { stdout: key } = await run('key', 'create', 'laptop', '--member', 'Grace', '--expires', '30d');
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as { id: string };
    expect(await login(key.trim())).toMatchObject({ code: 0, stdout: expect.stringContaining('Grace, a viewer') });
    expect(await run('sweep', 'show', id)).toMatchObject({ code: 2, stderr: `unroll: no sweep ${id}\n` });
    expect(await run('member', 'remove', 'Ada Lovelace')).toMatchObject({
      code: 1,
      stderr: 'unroll: this needs the role admin, and the key of Grace has the role viewer: ask an admin of the team\n',
    });
    const listed = JSON.parse((await run('key', 'list', '--json')).stdout) as { id: string; name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(['laptop']);
    expect((await run('key', 'revoke', listed[0]!.id)).code).toBe(0);
    expect(await run('whoami')).toMatchObject({ code: 1, stderr: expect.stringContaining('the key is wrong') });
    expect((await login(created.stdout.trim())).code).toBe(0);
    expect((await run('audit', '--action', 'key')).stdout).toMatch(/Grace +laptop +key\.revoke/);
    expect((await run('logout')).code).toBe(0);
    expect(existsSync(credentials)).toBe(false);
    expect(await run('whoami')).toMatchObject({ code: 1, stderr: expect.stringContaining('npx unroll login URL') });
  });

  it('describes sweeps and finds them again', async () => {
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as { id: string };
    const described = await operator(
      'sweep',
      'describe',
      id,
      '--name',
      'the one',
      '--tag',
      'paper',
      '--note',
      'Best so far.',
    );
    expect(described.stdout).toBe(`Sweep ${id} (the one) has tags paper and a note.\n`);
    const found = async (...filters: string[]): Promise<string[]> =>
      (JSON.parse((await operator('sweep', 'list', '--json', ...filters)).stdout) as { id: string }[]).map(
        (each) => each.id,
      );
    expect(
      await found('--tag', 'paper', '--state', 'running', 'paused', '--search', 'ONE', '--owner', 'local'),
    ).toEqual([id]);
    expect((await operator('sweep', 'archive', id)).code).toBe(0);
    expect(await found('--tag', 'paper')).toEqual([]);
    expect(await found('--archived')).toEqual([id]);
    expect((await operator('sweep', 'list', '--owner', 'Nobody')).stdout).toBe('No sweep matches.\n');
    expect((await operator('sweep', 'list', '--state', 'runing')).code).toBe(2);
  });

  it('stores no key that is refused', async () => {
    expect(await login('unroll_wrong')).toMatchObject({ code: 1, stderr: expect.stringContaining('the key is wrong') });
    expect(existsSync(credentials)).toBe(false);
  });
});
