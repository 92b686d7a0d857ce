import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { commandEnvironment, ran, succeeds } from '../support/cli';
import { itWith } from '../support/machine';
import { useStack } from '../support/stack';

const root = join(__dirname, '..', '..');
const clients = join(root, 'clients');

/** The client in Python needs Python 3.9; Unroll and its tests need none. */
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

describe('the tests of a client pass against a stack', () => {
  const stack = useStack();

  itWith('python3', hasPython)('in Python', async () => {
    const environment = commandEnvironment({
      UNROLL_DATA: stack.folder,
      PYTHONPATH: join(clients, 'python', 'src'),
      PYTHONDONTWRITEBYTECODE: '1',
    });
    const args = ['-m', 'unittest', 'discover', '--start-directory', join(clients, 'python', 'tests')];
    const { code, stderr } = await ran(spawn('python3', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toMatch(/^Ran [1-9]\d* tests/m);
  });

  it('in TypeScript, as it is built', async () => {
    const client = join(clients, 'typescript');
    const node = (args: string[], environment: Record<string, string> = {}): Promise<string> =>
      succeeds(
        ran(spawn(process.execPath, args, { cwd: client, env: commandEnvironment(environment), stdio: 'pipe' })),
      );
    await node([join(root, 'node_modules', 'typescript-7', 'bin', 'tsc')]);
    const output = await node(['--test', '--test-reporter=tap', 'tests/client.test.mjs'], {
      UNROLL_DATA: stack.folder,
    });
    expect(output).toMatch(/^# pass [1-9]\d*$/m);
    expect(output).toMatch(/^# skipped 0$/m);
  });
});
