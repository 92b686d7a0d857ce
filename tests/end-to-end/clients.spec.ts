import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { commandEnvironment, ran, succeeds } from '../support/cli';
import { itWith } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';
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

  itWith('python3', hasPython)('in Python, as the notebook of the examples shows it', async () => {
    const environment = commandEnvironment({
      UNROLL_DATA: stack.folder,
      PYTHONPATH: join(clients, 'python', 'src'),
      PYTHONDONTWRITEBYTECODE: '1',
    });
    const program = join(root, 'tests', 'support', 'run_notebook.py');
    const args = [program, join(root, 'examples', 'notebook.ipynb')];
    const output = await succeeds(
      ran(spawn('python3', args, { cwd: temporaryFolder(), env: environment, stdio: ['ignore', 'pipe', 'pipe'] })),
    );
    const shown = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string);
    expect(shown).toEqual([
      "'4 configurations, 4 trials'",
      "'completed'",
      expect.stringContaining('validation.bitsPerToken'),
      expect.stringMatching(/^\(\{.*'model.cell': '(lstm|gru)'.*\}, \d\.\d+\)$/),
      expect.stringMatching(/\b20\b[^]*\b40\b[^]*\b60\b/),
      expect.stringMatching(/^'[\d,]+ bytes'$/),
      expect.stringMatching(/^\(\{.*'rate': .*\}, [\d.e-]+\)$/),
    ]);
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
