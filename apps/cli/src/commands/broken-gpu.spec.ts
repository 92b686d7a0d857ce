import { trialSpec } from '@unroll/contracts';
import { prepare, toReading, type DatasetBytes } from '@unroll/datasets';
import { modelFile, openEngine, toModel, train } from '@unroll/training';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './program';

const driver = process.env.VK_DRIVER_FILES;
const isThere = driver !== undefined && existsSync(driver);
const source: DatasetBytes = { kind: 'text', bytes: Buffer.from('to be, or not to be: that is. '.repeat(20)) };
const trial = {
  dataset: { path: 'text.txt', kind: 'text' },
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 },
  training: { bptt: 4, batchSize: 3, updates: 2, reportEvery: 2, diagnostics: false },
};

interface ShaderModules {
  createShaderModule(descriptor: { code: string }): object;
}

(isThere ? describe : describe.skip)('commands on a GPU that refuses a shader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-broken-'));
  const file = (name: string): string => join(folder, name);
  const printed: string[] = [];
  let broken: jest.SpyInstance;

  beforeAll(async () => {
    process.env.UNROLL_GPU = 'software';
    const spec = trialSpec.parse({ ...trial, dataset: { name: 'a' } });
    const { data } = prepare(source, spec);
    const [lane] = await train([{ id: '0', spec }], data, {
      engine: await openEngine('wasm'),
      onReport: () => undefined,
    });
    writeFileSync(
      file('model.safetensors'),
      modelFile(toModel(lane!, { spec, reading: toReading(data), fingerprint: 'f' })),
    );
    writeFileSync(file('text.txt'), source.bytes);
    writeFileSync(file('trial.yaml'), JSON.stringify(trial));
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });

  beforeEach(async () => {
    await openEngine('webgpu');
    const { GPUDevice } = globalThis as typeof globalThis & { GPUDevice: { prototype: ShaderModules } };
    const plain = GPUDevice.prototype.createShaderModule;
    broken = jest.spyOn(GPUDevice.prototype, 'createShaderModule');
    broken.mockImplementation(function (this: ShaderModules, given) {
      return plain.call(this, { ...given, code: 'this is not WGSL' });
    });
  });

  afterEach(() => broken.mockRestore());

  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['train', [file('trial.yaml'), '--output', file('trained.safetensors')]],
    ['generate', [file('model.safetensors'), '--prompt', 'to be', '--length', '3']],
    ['export', [file('model.safetensors'), '--output', file('model.onnx')]],
    [
      'compress',
      [file('model.safetensors'), '--int8', '--data', file('text.txt'), '--output', file('small.safetensors')],
    ],
  ])('%s fails with the reason, and prints and writes nothing', async (command, given) => {
    const running = program().parseAsync(['node', 'unroll', command, ...given, '--engine', 'webgpu']);
    await expect(running).rejects.toThrow(/^the GPU refused a command: /);
    expect(printed).toEqual([]);
    expect(['trained.safetensors', 'model.onnx', 'small.safetensors'].filter((name) => existsSync(file(name)))).toEqual(
      [],
    );
  });
});
