import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownTokenizer } from './tokenizer';
import { readTokenizer } from './tokenizer-file';
import { textOf } from './symbols';

const folder = join(__dirname, '..', '..', '..', '..', 'tests', 'interchange', 'fixtures', 'tokenizer');
const json = readFileSync(join(folder, 'tokenizer.json'), 'utf8');
const { texts } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  texts: { text: string; ids: number[] }[];
};
const file = (): Record<string, any> => JSON.parse(json);
const read = (content: unknown) => readTokenizer(Buffer.from(JSON.stringify(content)));

describe("a tokenizer.json of Hugging Face's tokenizers", () => {
  it.each(texts.map(({ text, ids }) => [text.slice(0, 30), text, ids] as const))(
    'gives the IDs of tokenizers 0.23.3: %j',
    (_, text, ids) => {
      const { inputVocabulary: vocabulary = [], inputMerges: merges, inputAdded: added } = read(file());
      const symbols = knownTokenizer('subword', { vocabulary, merges, added })(text);
      expect(symbols.map((symbol) => vocabulary.indexOf(symbol))).toEqual(ids);
      expect(textOf(symbols, 'subword')).toBe(text);
    },
  );

  it('may have its merges as pairs or as texts, and no added tokens', () => {
    const one = file();
    one.model.merges = one.model.merges.map((pair: string[]) => pair.join(' '));
    expect(read(one)).toEqual(read(file()));
    const none = file();
    none.added_tokens = [];
    // That of ==> is in no vocabulary any more.
    expect(read(none)).toEqual({
      inputVocabulary: read(file()).inputVocabulary!.filter((token) => token !== '==>'),
      inputMerges: read(file()).inputMerges,
    });
  });

  const changed = (change: (content: Record<string, any>) => void): unknown => {
    const content = file();
    change(content);
    return content;
  };
  it.each([
    [[], 'it has no model'],
    [changed((each) => (each.model.type = 'Unigram')), 'model.type: is "Unigram", and only BPE is read'],
    [changed((each) => (each.normalizer = { type: 'NFC' })), 'normalizer: NFC changes the text'],
    [
      changed((each) => (each.pre_tokenizer = { type: 'Metaspace' })),
      'pre_tokenizer: is Metaspace, and only ByteLevel is read',
    ],
    [changed((each) => (each.pre_tokenizer = null)), 'pre_tokenizer: is missing'],
    [
      changed(
        (each) =>
          (each.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Split' }, { type: 'ByteLevel' }] }),
      ),
      'pre_tokenizer: is Sequence, and only ByteLevel is read',
    ],
    [changed((each) => (each.pre_tokenizer.add_prefix_space = true)), 'pre_tokenizer.add_prefix_space: is true'],
    [changed((each) => (each.pre_tokenizer.use_regex = false)), 'pre_tokenizer.use_regex: is false'],
    [changed((each) => (each.decoder = { type: 'WordPiece' })), 'decoder: is WordPiece'],
    [changed((each) => (each.model.byte_fallback = true)), 'model.byte_fallback: true is not supported'],
    [changed((each) => (each.model.ignore_merges = true)), 'model.ignore_merges: true is not supported'],
    [changed((each) => (each.model.end_of_word_suffix = '</w>')), 'model.end_of_word_suffix: "</w>" is not supported'],
    [changed((each) => (each.added_tokens[0].lstrip = true)), 'added_tokens: "<|end|>" has lstrip'],
    [changed((each) => (each.added_tokens[0].content = '<a b>')), 'added_tokens: "<a b>" has white space'],
    [changed((each) => delete each.model.vocab['Ġ']), 'model.vocab: has'],
    [changed((each) => (each.model.vocab.extra = 9999)), 'model.vocab: has 342 tokens, but none with the ID 341'],
    [changed((each) => (each.added_tokens[2].id = each.model.vocab.t)), 'model.vocab: "t" and "==>" both have the ID'],
    [changed((each) => each.model.merges.push(['zz', 'qq'])), 'the merge "zz qq" does not fit the vocabulary'],
    [changed((each) => (each.model.merges = 'a b')), 'model.merges: '],
    [
      changed((each) => {
        for (let id = 0; id < 65_536; id++) each.model.vocab[`t${id}`] = 500 + id;
      }),
      'tokens, more than 65,536',
    ],
  ])('is refused where it would be read as another: case %#', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it('is refused where it is none', () => {
    expect(() => readTokenizer(Buffer.from('the 1 2 3'))).toThrow('is no tokenizer.json: it is not JSON');
  });
});
