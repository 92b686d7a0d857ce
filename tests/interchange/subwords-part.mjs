// Subwords learned here and by Hugging Face's tokenizers: the same merges, and the same tokens of other text; see run.mjs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * `train` writes a text into a folder, and what tokenizers learns from its training part: merges, tokens of the rest, the version.
 * `write` writes a tokenizer.json, and the IDs that it gives for texts.
 */
export const subwordsPart = (train, write) =>
  function* subwords(python, folder) {
    const { prepareText } = require('../../dist/libs/datasets/src/text/text.js');
    for (const [name, vocabulary] of [
      ['code', 2000],
      ['prose', 8000],
      ['many', 1500],
    ]) {
      const { version, merges, tokens, seconds } = train(python, folder, name, vocabulary);
      const bytes = readFileSync(join(folder, `${name}.txt`));
      const reading = { split: { validation: 0.25, test: 0 }, splitSeed: 0 };
      const before = process.cpuUsage();
      const data = prepareText({ kind: 'text', bytes }, { tokens: 'subword', vocabulary }, reading);
      const { user } = process.cpuUsage(before);
      const held = Array.from(data.validation.read(0, data.validation.length), (id) => data.vocabulary[id]);
      const first = merges.findIndex((merge, rank) => merge !== data.merges[rank]);
      const isSame =
        first < 0 && merges.length === data.merges.length && JSON.stringify(held) === JSON.stringify(tokens);
      const cost = `${(user / 1e6).toFixed(1)} s of CPU here, ${seconds.toFixed(1)} there`;
      const what = `${merges.length} merges of ${(bytes.length / 1e6).toFixed(1)} MB of ${name}, ${cost}`;
      if (!isSame) console.log(`      merge ${first}: ${data.merges[first]} here, ${merges[first]} there`);
      yield { text: `tokenizers ${version}: ${what}, and ${held.length} tokens`, difference: isSame ? 0 : Infinity };
    }
    const { readTokenizerFile } = require('../../dist/libs/datasets/src/text/tokenizer-file.js');
    const { knownTokenizer } = require('../../dist/libs/datasets/src/text/tokenizer.js');
    write(python, folder, 8000);
    const { version, texts } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
    const reading = readTokenizerFile(join(folder, 'tokenizer.json'));
    const { inputVocabulary: vocabulary, inputMerges: merges, inputAdded: added } = reading;
    const places = new Map(vocabulary.map((symbol, id) => [symbol, id]));
    const symbols = knownTokenizer('subword', { vocabulary, merges, added });
    const isSame = texts.every(({ text, ids }) => {
      const own = symbols(text);
      return own.length === ids.length && own.every((symbol, place) => places.get(symbol) === ids[place]);
    });
    const count = texts.reduce((sum, { ids }) => sum + ids.length, 0);
    const text = `tokenizers ${version}: a tokenizer.json of ${vocabulary.length} tokens, ${count} of ${texts.length} texts`;
    yield { text, difference: isSame ? 0 : Infinity };
  };
