import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { commandEnvironment, ran } from '../support/cli';
import { describeWith } from '../support/machine';
import { useStack } from '../support/stack';

const client = join(__dirname, '..', '..', 'clients', 'python');

/** The client needs Python 3.9; Unroll and its tests need none. */
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0;

describeWith('python3', hasPython)('the Python client', () => {
  const stack = useStack();

  it('passes its tests against a stack', async () => {
    const environment = commandEnvironment({
      UNROLL_DATA: stack.folder,
      PYTHONPATH: join(client, 'src'),
      PYTHONDONTWRITEBYTECODE: '1',
    });
    const args = ['-m', 'unittest', 'discover', '--start-directory', join(client, 'tests')];
    const { code, stderr } = await ran(spawn('python3', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] }));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toMatch(/^Ran [1-9]\d* tests/m);
  });
});
