import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { commandEnvironment, ran, succeeds } from '../support/cli';

describe('a command that calls the API', () => {
  it.each([
    ['leaderboard', 'leaderboard'],
    ['sweep', 'sweep/sweep'],
    ['trial', 'trial'],
    ['dataset', 'dataset'],
    ['login', 'account'],
  ])('%s loads its own modules, and no schema, before it runs', async (name, file) => {
    const script = `require('./program').program(['${name}']); console.log(Object.keys(require.cache).join('\\n'))`;
    const built = join(__dirname, '..', '..', 'dist', 'apps', 'cli', 'src', 'commands');
    const path = ['-e', script];
    const stdout = await succeeds(
      ran(spawn(process.execPath, path, { cwd: built, stdio: ['ignore', 'pipe', 'pipe'] })),
    );
    const loaded = stdout.trim().split('\n');
    expect(loaded).toContain(join(built, `${file}.js`));
    expect(loaded.filter((each) => /\bzod\b|start\.js$/.test(each))).toEqual([]);
  });

  it('loads no schema for the answer either', async () => {
    const api = createServer((_, response) => response.end('{"items": [], "total": 0}'));
    await once(api.listen(0, '127.0.0.1'), 'listening');
    try {
      const hook = `import { Module } from 'node:module';
      const isSchema = (path) => /[/]zod[/]/.test(path.replaceAll('\\\\', '/'));
      process.on('exit', () => console.log(Object.keys(Module._cache).filter(isSchema).length));`;
      const main = join(__dirname, '..', '..', 'dist', 'apps', 'cli', 'src', 'main.js');
      const args = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, main, 'sweep', 'list'];
      const child = spawn(process.execPath, args, {
        env: commandEnvironment({
          UNROLL_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
          UNROLL_KEY: 'a-key-of-this-machine',
        }),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect((await succeeds(ran(child))).trim().split('\n')).toEqual([expect.stringContaining('No sweeps yet'), '0']);
    } finally {
      api.close();
    }
  });
});
