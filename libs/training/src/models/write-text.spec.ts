import { encodePrompt } from '@unroll/datasets';
import { makeSpec, many, text, trained } from '../testing/models.fixture';
import { tf } from '../tensor/tfjs';
import { generate } from './generate';
import type { Model } from './model-file';
import { Network } from './network';
import { writeText } from './write-text';

const pieces = async (model: Model, body: Parameters<typeof writeText>[1]) => {
  const heard: (string | undefined)[] = [];
  return { text: await writeText(model, body, (piece) => void heard.push(piece)), heard };
};

describe('a text for a prompt', () => {
  let model: Model;
  beforeAll(async () => {
    ({ model } = await trained(text, [makeSpec('language-model', { training: { bptt: 8, batchSize: 4 } })]));
  });

  it('of a language model is what generate draws, heard token by token, and leaves no tensor behind', async () => {
    const { spec, reading } = model.header;
    const network = new Network(model);
    const prompt = encodePrompt('to be', { task: spec.task, reading });
    const drawn = await generate(network, { prompt, length: 12, temperature: 2, seed: 5 });
    network.dispose();
    const before = tf.memory().numTensors;
    const written = await pieces(model, { prompt: 'to be', length: 12, temperature: 2, seed: 5 });
    expect(tf.memory().numTensors).toBe(before);
    expect(written.text).toBe(drawn.map((token) => reading.inputVocabulary![token]).join(''));
    // The pass that reads the prompt has no piece.
    expect(written.heard).toEqual([undefined, ...written.text]);
  });

  it('of a word model has the separator between its pieces', async () => {
    const task = { kind: 'language-model', tokens: 'word' };
    const { model: words } = await trained(text, [makeSpec(task, { training: { bptt: 4, batchSize: 2 } })]);
    const written = await pieces(words, { prompt: 'to', length: 5, temperature: 1 });
    expect(written.text.split(' ')).toHaveLength(5);
    expect(written.heard.join('')).toBe(written.text);
    expect(written.heard).toHaveLength(5);
  });

  it('of a subword model has no piece with half a character', async () => {
    const task = { kind: 'language-model', tokens: 'subword', vocabulary: 300 };
    const bytes = Buffer.from(many(60, (at) => `${'αβγδ'[at % 4]} ${'世界人日'[at % 3]}\n`).join(''));
    const { model: subwords } = await trained({ ...text, bytes }, [
      makeSpec(task, { training: { bptt: 4, batchSize: 2 } }),
    ]);
    const written = await pieces(subwords, { prompt: 'α', length: 40, temperature: 9, seed: 2 });
    expect(written.heard.join('')).toBe(written.text);
    const whole = written.heard.filter((piece): piece is string => piece !== undefined);
    expect(whole.length).toBeGreaterThan(40 / 2);
    // Bytes that are drawn in no order are no characters either, but what can be one is heard as one.
    expect(whole.join('')).toMatch(/[α-δ世界人日]/);
  });

  it('of a beam is heard once it is found', async () => {
    const written = await pieces(model, { prompt: 'to', length: 6, beam: 3 });
    expect(written.text).toHaveLength(6);
    expect(written.heard.filter((piece) => piece !== undefined)).toEqual([written.text]);
    expect(written.heard.length).toBeGreaterThan(6);
  });

  it('ends, without a tensor left behind, with what a listener throws', async () => {
    const before = tf.memory().numTensors;
    let heard = 0;
    const stop = (): void => {
      if (++heard === 3) throw new Error('enough');
    };
    await expect(writeText(model, { prompt: 'be', length: 1000 }, stop)).rejects.toThrow('enough');
    expect(heard).toBe(3);
    expect(tf.memory().numTensors).toBe(before);
    await expect(writeText(model, { prompt: '%' })).rejects.toThrow('the model does not know the character "%"');
  });
});

describe('a text for a source', () => {
  /** Of which each is its source in reverse. */
  const pairs = {
    kind: 'pairs',
    bytes: Buffer.from(
      many(80, (at) => `${'abc'[at % 3]}${'bca'[at % 2]}\t${'bca'[at % 2]}${'abc'[at % 3]}`).join('\n'),
    ),
  } as const;

  it('is what the decoder finds by a beam of the width asked for, of the length asked for', async () => {
    const task = { kind: 'sequence-to-sequence', attention: 'dot' };
    const training = { batchSize: 16, updates: 150, reportEvery: 150, learningRate: 0.02 };
    const { model } = await trained(pairs, [makeSpec(task, { training })]);
    const before = tf.memory().numTensors;
    for (const beam of [undefined, 1, 4])
      expect(await pieces(model, { prompt: 'ab', beam })).toEqual({ text: 'ba', heard: ['ba'] });
    expect((await pieces(model, { prompt: 'ab', length: 1 })).text).toBe('b');
    expect(tf.memory().numTensors).toBe(before);
    await expect(writeText(model, { prompt: 'xb' })).rejects.toThrow('the model does not know the character "x"');
  });
});
