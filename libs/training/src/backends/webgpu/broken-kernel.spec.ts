import { prepare } from '@unroll/datasets';
import { train } from '../../loop/train';
import { generate } from '../../models/generate';
import { Network } from '../../models/network';
import { makeSpec, text, trained } from '../../testing/models.fixture';
import { describeGpu, reason } from '../../testing/webgpu.fixture';
import { tf } from '../../tensor/tfjs';
import type { Engine } from '../engine/engine';
import { openEngine } from '../open-engine';

interface ShaderModules {
  createShaderModule(descriptor: { code: string; label?: string }): object;
}

/** The engine on a device that refuses every shader whose name `isBroken` from now on. */
async function openBroken(isBroken: (label: string) => boolean): Promise<Engine> {
  await openEngine('webgpu');
  const { GPUDevice } = globalThis as typeof globalThis & { GPUDevice: { prototype: ShaderModules } };
  const plain = GPUDevice.prototype.createShaderModule;
  jest.spyOn(GPUDevice.prototype, 'createShaderModule').mockImplementation(function (this: ShaderModules, given) {
    return plain.call(this, isBroken(given.label ?? '') ? { ...given, code: 'this is not WGSL' } : given);
  });
  return openEngine('webgpu');
}

const refused = /^the GPU refused a command: Error while parsing WGSL: :1:1/;

describeGpu(`a kernel that does not compile${reason}`, () => {
  const spec = makeSpec('language-model', { training: { bptt: 4, diagnostics: false }, model: { cell: 'rnn' } });

  afterEach(() => jest.restoreAllMocks());

  it('ends a training with the reason', async () => {
    const engine = await openBroken(() => true);
    const { data } = prepare(text, spec);
    const reports: number[] = [];
    const options = {
      engine,
      sampleLength: 0,
      onReport: ({ update }: { update: number }) => void reports.push(update),
    };
    await expect(train([{ id: '0', spec }], data, options)).rejects.toThrow(refused);
    expect(reports).toEqual([]);
    expect(await engine.broken).toMatch(refused);
  });

  it('ends what a model writes and answers, where only one kernel does not compile, and the next one has another device', async () => {
    const { model } = await trained(text, [spec]);
    const begin = { prompt: [1, 2], length: 3, temperature: 1, seed: 0 };
    const write = async (): Promise<number[]> => {
      const network = new Network(model);
      try {
        return await generate(network, begin);
      } finally {
        network.dispose();
      }
    };
    await openBroken((label) => label.startsWith('recurrent'));
    await expect(write()).rejects.toThrow(refused);
    jest.restoreAllMocks();
    await openEngine('webgpu');
    expect(await write()).toHaveLength(3);
  });

  it('refuses every value that is read afterwards, also what was computed before', async () => {
    await openEngine('webgpu');
    const sum = tf.add(tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6]));
    await openBroken(() => true);
    const broken = tf.relu(sum);
    await expect(broken.data()).rejects.toThrow(refused);
    await expect(sum.data()).rejects.toThrow(refused);
    tf.dispose([sum, broken]);
  });
});
