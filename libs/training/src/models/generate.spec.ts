import { encodePrompt, textOf, type TokenData } from '@unroll/datasets';
import { tf } from '../tensor/tfjs';
import { Continuation, generate, type Generation } from './generate';
import { modelFile, readModel, type Model } from './model-file';
import { makeSpec, trained, words } from '../testing/models.fixture';
import { Network } from './network';

/** After an o comes w or x, by what was read before. */
const text = { kind: 'text', bytes: Buffer.from('the quick brown fox. '.repeat(60)) } as const;

describe.each(['gru', 'lstm', 'transformer'])('a language model of the cell %s', (cell) => {
  let model: Model;
  let network: Network;
  beforeAll(async () => {
    // Windows of 11 begin at every letter of the 21; those of 12 at every third one, and a transformer, without a state, knows no others.
    const slow = { bptt: 11, updates: 300, reportEvery: 150, learningRate: 0.005 };
    const quick = { bptt: 12, updates: 100, reportEvery: 50, learningRate: 0.03 };
    const training = { batchSize: 4, ...(cell === 'transformer' ? slow : quick) };
    ({ model } = await trained(text, [
      makeSpec('language-model', { model: { cell, hiddenSize: 24, layers: 2 }, training }),
    ]));
    network = new Network(model);
  });
  afterAll(() => network.dispose());

  async function write(prompt: string, changes: Partial<Generation> = {}): Promise<string> {
    const { spec, reading } = model.header;
    const start = encodePrompt(prompt, { task: spec.task, reading });
    const generation = { prompt: start, length: 20, temperature: 0.3, seed: 0, ...changes };
    return (await generate(network, generation)).map((token) => reading.inputVocabulary![token]).join('');
  }

  it('continues its prompt', async () => {
    expect(await write('the quick bro')).toBe('wn fox. the quick br');
    expect(await write('brown fo')).toBe('x. the quick brown f');
  });

  it('writes the same for a seed, something else for another at a high temperature, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const hot = { temperature: 5, seed: 3 };
    expect(await write('th', hot)).toBe(await write('th', hot));
    expect(await write('th', hot)).not.toBe(await write('th', { ...hot, seed: 4 }));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('never writes excluded tokens', async () => {
    const never = model.header.reading.inputVocabulary!.indexOf(' ');
    expect(await write('the', { temperature: 5, never })).not.toContain(' ');
  });

  it('writes the likeliest text from a single candidate, however hot', async () => {
    const greedy = await write('ow', { temperature: 1e-6 });
    for (const one of [{ topK: 1 }, { topP: 1e-6 }])
      expect(await write('ow', { temperature: 5, seed: 3, ...one })).toBe(greedy);
  });

  it('writes the likeliest text at a temperature of next to nothing', async () => {
    const greedy = await write('ow', { topK: 1 });
    for (const temperature of [1e-6, 1e-40, Number.MIN_VALUE]) expect(await write('ow', { temperature })).toBe(greedy);
  });

  it('finds with a beam a text at least as likely as the greedy one', async () => {
    const greedy = await write('ow', { beam: 1 });
    expect(greedy).toBe(await write('ow', { temperature: 1e-6 }));
    const likelihood = async (written: string): Promise<number> => {
      const { spec, reading } = model.header;
      const ids = encodePrompt(`ow${written}`, { task: spec.task, reading });
      const writer = network.task.writer!;
      const logs = tf.tidy(() => {
        const input = tf.tensor3d(ids, [1, ids.length, 1], 'int32');
        return tf.logSoftmax(writer.step(network.named, input, writer.start(1)).logits);
      });
      const values = await logs.data();
      const width = reading.inputVocabulary!.length;
      logs.dispose();
      return ids.slice(2).reduce((sum, id, index) => sum + values[(index + 1) * width + id]!, 0);
    };
    expect(await likelihood(await write('ow', { beam: 4 }))).toBeGreaterThanOrEqual((await likelihood(greedy)) - 1e-4);
  });
});

it('a language model of subwords writes texts, and measures them per character', async () => {
  const source = { kind: 'text', bytes: Buffer.from('the naïve fox 😀 was there.\n'.repeat(60)) } as const;
  const training = { bptt: 8, batchSize: 4, updates: 60, reportEvery: 60, learningRate: 0.03 };
  const task = { kind: 'language-model', tokens: 'subword', vocabulary: 270 };
  const { model, data, reports } = await trained(source, [makeSpec(task, { model: { hiddenSize: 24 }, training })]);
  const { metrics } = reports[0]!.at(-1)!;
  const { validation, characters } = data as TokenData;
  expect(metrics['validation.bitsPerCharacter']! * characters!.validation).toBeCloseTo(
    metrics['validation.bitsPerToken']! * (validation.length - 1),
    3,
  );
  const { reading, spec } = readModel(modelFile(model)).header;
  expect(reading.inputMerges!.length).toBe(270 - 256);
  const network = new Network(model);
  const prompt = encodePrompt('the naïve', { task: spec.task, reading });
  const written = await generate(network, { prompt, length: 30, temperature: 0.1, seed: 0 });
  network.dispose();
  expect(
    textOf(
      written.map((token) => reading.inputVocabulary![token]!),
      'subword',
    ),
  ).toContain(' fox 😀 was there.\nthe na');
});

it.each(['gru', 'transformer'])('a %s expects after the beginning of a text what it is measured with', async (cell) => {
  // The validation part has one window, of 8 tokens with a loss behind 16 without.
  const dataset = { split: { validation: 9 } };
  const training = { bptt: { k1: 8, k2: 24 }, batchSize: 1, updates: 40 };
  const { model, data } = await trained(text, [makeSpec('language-model', { model: { cell }, training, dataset })]);
  const network = new Network(model, data);
  const { validation } = data as TokenData;
  const [first, ...others] = validation.read(0, validation.length);
  const continuation = await Continuation.open(network);
  await continuation.read([first!]);
  let nats = 0;
  for (const token of others) {
    nats -= (await continuation.next())[token]!;
    await continuation.read([token]);
  }
  const { loss } = await network.measure();
  expect(nats / others.length).toBeCloseTo(loss!, 5);
  network.dispose();
});

it('a classification writes nothing', async () => {
  const { model } = await trained(words, [makeSpec('classification')]);
  const network = new Network(model);
  await expect(generate(network, { prompt: [0], length: 1, temperature: 1, seed: 0 })).rejects.toThrow(
    'only a language model continues a text',
  );
  network.dispose();
});
