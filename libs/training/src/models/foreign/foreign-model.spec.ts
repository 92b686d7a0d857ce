import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { difference, fixture, outputsOf } from '../../testing/foreign.fixture';
import { labelled, makeSpec, trained, wordRows, words } from '../../testing/models.fixture';
import { prepare } from '@unroll/datasets';
import { modelFile } from '../model-file';
import { toSafetensors } from '../safetensors';
import { foreignWeights, isForeign, readForeignLayers } from './foreign-model';
import { requireNoShard } from './sharded-file';

/** The weights of an LSTM of so many layers and units, which reads as many numbers. */
const torchLayersOf = (layers: number, units: number) =>
  Object.fromEntries(
    Array.from({ length: layers }, (_, layer) =>
      ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name, at) => {
        const shape = name.startsWith('bias') ? [4 * units] : [4 * units, units];
        const count = shape.reduce((product, size) => product * size, 1);
        return [
          `${name}_l${layer}`,
          { shape, values: Float32Array.from({ length: count }, (__, index) => index + at + 1) },
        ];
      }),
    ).flat() as [string, { shape: number[]; values: Float32Array }][],
  );

const bytes = (name: string): Uint8Array => readFileSync(fixture(name));
const read = (name: string, modules?: string[]) => readForeignLayers(bytes(name), modules);

describe('recurrent layers of PyTorch', () => {
  it.each([
    ['lstm.pt', 'lstm.pt', undefined, "PyTorch's state_dict.encoder"],
    ['lstm.safetensors', 'lstm.pt', undefined, "PyTorch's encoder"],
    ['gru.pt', 'gru.pt', undefined, "PyTorch's (the root)"],
    ['rnn.pt', 'rnn.pt', undefined, "PyTorch's (the root)"],
    ['two.pt', 'two.pt', ['low', 'high'], "PyTorch's low, high"],
    ['negated.pt', 'negated.pt', undefined, "PyTorch's (the root)"],
  ])('in %s compute what PyTorch computes', async (file, name, modules, origin) => {
    const layers = await read(file, modules);
    expect(layers.origin).toBe(origin);
    expect(difference(await outputsOf(layers), name)).toBeLessThan(1e-6);
  });

  it('have their kind, directions, and zeros for biases that they do not have', async () => {
    const [lstm, gru] = [await read('lstm.pt'), await read('gru.pt')];
    expect([lstm.cell, lstm.bidirectional, gru.cell, gru.bidirectional]).toEqual(['lstm', true, 'gru', false]);
    expect(gru.weights.bias_hh_l0).toEqual({ shape: [12], values: new Float32Array(12) });
  });

  it.each([
    ['module.pt', undefined, 'torch.nn.modules.rnn.LSTM, and only tensors are read: save module.state_dict()'],
    ['projected.pt', undefined, 'has a projection (proj_size)'],
    ['two.pt', undefined, 'has several recurrent modules: name those to take'],
    ['two.pt', ['lower'], 'has no recurrent module lower; there are low, high'],
    ['expected.json', undefined, 'not a safetensors file'],
  ])('in %s with modules %j are refused', async (file, modules, message) => {
    await expect(read(file, modules)).rejects.toThrow(message);
  });

  it('are refused where values or the pickle are missing', async () => {
    const empty = Buffer.from(zipSync({ 'a/data.txt': new Uint8Array(3) }));
    await expect(readForeignLayers(empty)).rejects.toThrow('it has no data.pkl');
    await expect(readForeignLayers(bytes('lstm.pt').subarray(0, 900))).rejects.toThrow(/zip/);
    const values = { shape: [2, 2], values: new Float32Array(4) };
    await expect(readForeignLayers(toSafetensors({ 'fc.weight': values }))).rejects.toThrow(
      'has no weights of an nn.LSTM',
    );
  });

  // Bytes that other formats begin with: a protobuf message 8, a pickle 0x80 and the version of its protocol.
  it.each([8, 0x80])(
    'are read from safetensors whose header is of a length that begins with the byte %i',
    async (first) => {
      const files = Array.from({ length: 256 }, (_, padding) =>
        toSafetensors(torchLayersOf(1, 3), { padding: 'x'.repeat(padding) }),
      );
      const file = files.find((each) => each[0] === first)!;
      expect(file[1]).toBeLessThan(6);
      expect((await readForeignLayers(file)).cell).toBe('lstm');
    },
  );

  describe('in several files', () => {
    const weights = Object.entries(torchLayersOf(2, 3));
    const part = (is: (name: string) => boolean): Uint8Array =>
      toSafetensors(Object.fromEntries(weights.filter(([name]) => is(name))));
    const files: Record<string, Uint8Array> = {
      'a-00001-of-00002.safetensors': part((name) => !name.includes('bias_hh')),
      'a-00002-of-00002.safetensors': part((name) => name.includes('bias_hh')),
    };
    const [first, second] = Object.keys(files) as [string, string];
    const index = (change: Record<string, string> = {}) =>
      Buffer.from(
        JSON.stringify({
          metadata: { total_size: 1 },
          weight_map: {
            ...Object.fromEntries(weights.map(([name]) => [name, name.includes('bias_hh') ? second : first])),
            ...change,
          },
        }),
      );
    const beside = (name: string): Promise<Uint8Array> =>
      name in files ? Promise.resolve(files[name]!) : Promise.reject(new Error(`${name} is missing`));

    it('are read by their index', async () => {
      expect(isForeign(index())).toBe(true);
      const whole = await readForeignLayers(part(() => true));
      expect(whole.weights.bias_hh_l1!.values[0]).not.toBe(0);
      expect(await readForeignLayers(index(), undefined, beside)).toEqual(whole);
      await expect(readForeignLayers(index({ other: second }), undefined, beside)).rejects.toThrow(
        `${second}: has no other, which its index says`,
      );
      await expect(readForeignLayers(index({ other: '../b' }), undefined, beside)).rejects.toThrow('in another folder');
    });

    it('are refused without the others, as are a part of the biases', async () => {
      expect(() => requireNoShard(`folder/${first}`)).toThrow(
        'is file 1 of 2: give their index, a.safetensors.index.json',
      );
      expect(() => requireNoShard('model-00001-of-00001.safetensors')).not.toThrow();
      await expect(readForeignLayers(files[first]!)).rejects.toThrow(
        'bias_hh_l0 is missing, though others of its biases are there',
      );
    });
  });

  it('are refused beside a number that is too large for the pickle reader', async () => {
    // {'seed': 2 ** 63 + 5}, which torch.initial_seed() may be, as torch.save writes it.
    const pickle = Buffer.from('80027d580400000073656564' + '8a09050000000000008000' + '732e', 'hex');
    const file = Buffer.from(zipSync({ 'a/data.pkl': pickle }));
    await expect(readForeignLayers(file)).rejects.toThrow('holds a whole number of more than 63 bits, such as a seed');
  });

  it('are told from a model of ours', async () => {
    const { model } = await trained(words, [makeSpec('classification')]);
    expect(isForeign(modelFile(model))).toBe(false);
    for (const name of ['lstm.pt', 'lstm.safetensors', 'keras-gru.keras', 'keras-gru.h5'])
      expect(isForeign(bytes(name))).toBe(true);
  });
});

describe('a trial that starts from them', () => {
  const frames = labelled(wordRows.map(({ label }, index) => ({ frames: [[index, 1, 2]], label })));
  const weightsFor = async (file: string, model: object, training: object = {}, source = frames) => {
    const spec = makeSpec('classification', { model, training: { initFrom: { model: file, ...training } } });
    return foreignWeights(spec, await read(file), prepare(source, spec).data);
  };

  it('has them under its own names, and no others', async () => {
    const weights = await weightsFor('gru.pt', { cell: 'gru', hiddenSize: 4 });
    expect(Object.keys(weights)).toEqual(
      ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((part) => `recurrent.${part}_l0`),
    );
  });

  it.each([
    [{ cell: 'lstm', hiddenSize: 4 }, {}, frames, 'model.cell: is "lstm", but PyTorch\'s (the root) has "gru"'],
    [{ hiddenSize: 4, layers: 2 }, {}, frames, "model.layers: is 2, but PyTorch's (the root) has 1"],
    [{ hiddenSize: 4, bidirectional: true }, {}, frames, 'model.bidirectional: is true'],
    [{ hiddenSize: 8 }, {}, frames, 'weight_ih_l0 is 12 × 3 in the file, but 24 × 3 here; set model.hiddenSize: 4'],
    [{ hiddenSize: 4 }, {}, words, '12 × 3 in the file, but 12 × 4 here; its inputs are 3 numbers a step'],
    [{ hiddenSize: 4 }, { replaceHead: true }, frames, 'training.initFrom.replaceHead: has no effect'],
  ])('is refused for the model %j', async (model, training, source, message) => {
    await expect(weightsFor('gru.pt', model, training, source)).rejects.toThrow(message);
  });
});
