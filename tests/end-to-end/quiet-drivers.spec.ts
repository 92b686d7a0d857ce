import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayHaveGpu } from '../../libs/kernels/src';
import { unroll } from '../support/cli';
import { itWith, softwareGpu } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';

const folder = mkdtempSync(join(tmpdir(), 'unroll-quiet-'));
const trial = join(folder, 'trial.json');
writeFileSync(
  trial,
  JSON.stringify({
    dataset: { name: 'parity', steps: 4, sequences: 20 },
    task: 'classification',
    model: { cell: 'rnn', hiddenSize: 4, embeddingSize: 2 },
    training: { updates: 2, reportEvery: 1, batchSize: 4, learningRate: 0.01 },
  }),
);
/** The loader of Vulkan warns of a driver that is not there. */
const noisy = { VK_DRIVER_FILES: join(folder, 'missing.json'), UNROLL_DATA: temporaryFolder() };
const debugLines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('debug: '));

describe("what a GPU's drivers print", () => {
  itWith('WebGPU with Vulkan', softwareGpu !== undefined)('reaches no output of a command', async () => {
    const { code, stdout, stderr } = await unroll(['train', trial, '--json'], noisy);
    expect({ code, engine: JSON.parse(stdout).engine }).toEqual({ code: 0, engine: expect.any(String) });
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^read 20 rows: /),
      expect.stringMatching(/^update 1\/2 /),
      expect.stringMatching(/^update 2\/2 /),
    ]);
  });

  itWith('WebGPU with Vulkan', softwareGpu !== undefined)('is shown at the log level debug', async () => {
    const { stdout, stderr } = await unroll(['train', trial, '--json'], { ...noisy, UNROLL_LOG_LEVEL: 'debug' });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'completed' });
    expect(debugLines(stderr)).toContainEqual(expect.stringContaining('missing.json'));
  });

  itWith('WebGPU with Vulkan', softwareGpu !== undefined)('is one line of unroll doctor', async () => {
    const { code, stdout, stderr } = await unroll(['doctor', '--json'], noisy);
    const { findings } = JSON.parse(stdout) as { findings: { what: string; ok: boolean; detail: string }[] };
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(findings.filter(({ what }) => what.startsWith('GPU'))).toEqual([
      { what: 'GPU', ok: true, detail: 'none with a Vulkan, Metal or Direct3D 12 driver' },
      { what: 'GPU drivers', ok: true, detail: expect.stringMatching(/^print "Warning: .* and \d+ more lines/) },
    ]);
  });

  itWith('lack of a GPU', !mayHaveGpu({}))('is nothing where there is no GPU: none is loaded', async () => {
    const { code, stderr } = await unroll(['train', trial], { VK_DRIVER_FILES: '', UNROLL_LOG_LEVEL: 'debug' });
    expect({ code, lines: debugLines(stderr) }).toEqual({ code: 0, lines: [] });
  });
});

describe('a command that may load a driver', () => {
  it('ends with the exit code and the message of a failure', async () => {
    const { code, stdout, stderr } = await unroll(['verify', '--engine', 'webgpu'], noisy);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^unroll: the engine webgpu is not available: [^\n]*\n$/);
  });
});
