import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { itWith, softwareGpu } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';

const run = promisify(execFile);
const pack = join(__dirname, '..', 'benchmarks', 'gpu', 'pack.mjs');

/** Keeps the first cases of a table of reference values: a GPU in software is slow. */
function shorten(file: string, key: string, kept: number): void {
  const table = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...table, [key]: table[key].slice(0, kept) }));
}

describe('the folder for a GPU machine', () => {
  // Packing compiles the worker into one file and runs it twice, on a slow GPU: in a run of all tests alone.
  itWith('SwiftShader, or UNROLL_TEST_ALL=1', softwareGpu !== undefined && !!process.env.UNROLL_TEST_ALL)(
    'is self-contained: it verifies the engine and measures lanes with only a driver',
    async () => {
      const folder = join(temporaryFolder(), 'packed');
      const { stdout: packed } = await run(process.execPath, [pack, folder]);
      const [, size] = /: ([\d.]+) MiB\. Copy it/.exec(packed)!;
      expect(Number(size)).toBeLessThan(64);
      shorten(join(folder, 'reference', 'recurrent-layers.json'), 'cases', 3);
      shorten(join(folder, 'reference', 'training-traces.json'), 'runs', 1);
      // Without Node on the path, outside this project's folders.
      const options = {
        cwd: temporaryFolder(),
        env: { PATH: '/usr/bin:/bin', VK_DRIVER_FILES: softwareGpu, UNROLL_GPU: 'software' },
      };
      const verified = await run(join(folder, 'run.sh'), ['verify'], options);
      expect(verified.stdout).toMatch(/SwiftShader.*: 4 of 4 cases match PyTorch/);
      const small = ['--size', '2,3,32', '--lanes', '1,2', '--rounds', '1', '--updates', '2'];
      const measured = await run(join(folder, 'run.sh'), ['lanes', ...small, '--only', 'scaling'], options);
      expect(measured.stdout).toMatch(/^ {4}2 +[\d.]+ +[\d.]+ +[\d.]+x +[\d.]+ +[\d.]+$/m);
    },
    600_000,
  );

  it('is not written into a folder that is not empty', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'kept'), '');
    await expect(run(process.execPath, [pack, folder])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not empty'),
    });
  });
});
