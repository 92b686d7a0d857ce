import fc from 'fast-check';
import { reading } from '../reading.fixture';
import { byteSymbols, partsOf, partsOfPieces, textOfBytes } from './byte-level';
import { BytePairs, learnSubwords } from './byte-pairs';
import { prepareText } from './text';

const learn = (text: string, size: number) => {
  const counts = new Map<string, number>();
  for (const part of partsOf(text)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return learnSubwords(counts, size);
};

/** The definition: counts every pair again for every merge. */
function slowMerges(text: string, count: number): string[] {
  const parts = partsOf(text).map((part) => new BytePairs(byteSymbols, []).symbols(part));
  const place = new Map(byteSymbols.map((symbol, id) => [symbol, id]));
  const merges: string[] = [];
  while (merges.length < count) {
    const counts = new Map<string, number>();
    for (const part of parts)
      part.slice(1).forEach((right, at) => {
        const pair = `${part[at]!} ${right}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      });
    const idsOf = (pair: string): number[] => pair.split(' ').map((symbol) => place.get(symbol)!);
    const [best] = [...counts].sort(([a, m], [b, n]) => {
      const [[a1, a2], [b1, b2]] = [idsOf(a), idsOf(b)];
      return n - m || a1! - b1! || a2! - b2!;
    });
    if (!best || best[1] < 2) break;
    const [left, right] = best[0].split(' ') as [string, string];
    merges.push(best[0]);
    if (!place.has(left + right)) place.set(left + right, place.size);
    for (const part of parts)
      for (let at = 0; at + 1 < part.length; at++)
        if (part[at] === left && part[at + 1] === right) part.splice(at, 2, left + right);
  }
  return merges;
}

/** Texts of few characters, so that pairs repeat, overlap and are equally frequent. */
const repetitive = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'ba', ' ', 'é', '\n', '😀', "'s", '11'), { minLength: 2, maxLength: 60 })
  .map((all) => all.join(''));

describe('subwords', () => {
  it('are merged as in the example of the paper, the most frequent pair first', () => {
    // Sennrich et al. 2016, figure 1, without its end of a word: e s, es t, l o, lo w.
    const { vocabulary, merges } = learn('low '.repeat(5) + 'newest '.repeat(6) + 'widest '.repeat(3), 260);
    expect(merges.slice(0, 2)).toEqual(['e s', 'es t']);
    expect(vocabulary.slice(256, 258)).toEqual(['es', 'est']);
    expect(vocabulary).toHaveLength(260);
  });

  it('are those of the definition, whatever the text', () => {
    fc.assert(
      fc.property(repetitive, (text) => {
        expect(learn(text, 300).merges).toEqual(slowMerges(text, 44));
      }),
    );
  });

  it('end where no pair occurs twice', () => {
    expect(learn('abcdef', 1000).merges).toEqual([]);
  });

  it('give back every text, also one of bytes that training never saw', () => {
    const { vocabulary, merges } = learn('the theme of the thesis is there\n'.repeat(9), 300);
    const pairs = new BytePairs(vocabulary, merges);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        expect(textOfBytes(pairs.symbols(text))).toBe(text);
      }),
    );
    expect(pairs.symbols(' the theory')).toEqual(['Ġthe', 'Ġthe', 'o', 'r', 'y']);
  });

  it('cut a text at the same places whatever the chunks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), fc.integer({ min: 1, max: 9 }), (text, size) => {
        const characters = Array.from(text);
        const chunks = Array.from({ length: Math.ceil(characters.length / size) }, (_, at) =>
          characters.slice(at * size, (at + 1) * size).join(''),
        );
        expect([...partsOfPieces(chunks)].flat()).toEqual(partsOf(text));
      }),
    );
  });

  it('take long lines without a cut in pieces, not within a character', () => {
    const genome = 'acgt'.repeat(5_000) + '😀'.repeat(400);
    const parts = partsOf(genome);
    expect(parts.join('')).toBe(genome);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(256);
    expect(parts.some((part) => /[\ud800-\udbff]$/.test(part))).toBe(false);
  });

  it('refuse merges that are not of their vocabulary', () => {
    expect(() => new BytePairs(byteSymbols, ['a b'])).toThrow('the merge "a b" does not fit the vocabulary');
  });
});

describe('a text as subwords', () => {
  const text = 'Ünïcödé the theme of the thesis 😀 is there,\n'.repeat(40);
  const prepared = (tokens: 'character' | 'subword', given = {}) =>
    prepareText({ kind: 'text', bytes: Buffer.from(text) }, { tokens, vocabulary: 300 }, reading(given));

  it.each([
    [{ split: { validation: 0.2, test: 0.1 } }],
    [{ fold: { kind: 'k-fold', of: 3, index: 1 } }],
    [{ fold: { kind: 'forward-chaining', of: 3, index: 1 } }],
  ] as const)('has the parts that it has as characters, with %j', (given) => {
    const [subwords, characters] = [prepared('subword', given), prepared('character', given)];
    for (const part of ['train', 'validation', 'test'] as const) {
      const [own, other] = [subwords[part], characters[part]];
      expect(own === undefined).toBe(other === undefined);
      if (!own || !other) continue;
      const written = Array.from(own.read(0, own.length), (id) => subwords.vocabulary[id]!);
      const read = Array.from(other.read(0, other.length), (id) => characters.vocabulary[id]!).join('');
      expect(textOfBytes(written)).toBe(read);
      expect(own.length).toBeLessThan(other.length);
      if (part === 'train') continue;
      // What follows the first token is what has to be predicted.
      const { length } = Array.from(textOfBytes(written.slice(1)));
      expect(subwords.characters![part]).toBe(length);
      expect(characters.characters![part]).toBe(other.length - 1);
    }
  });

  it('is learned from the training part alone', () => {
    const known = prepareText(
      { kind: 'text', bytes: Buffer.from('ab'.repeat(50) + 'xy'.repeat(50)) },
      { tokens: 'subword', vocabulary: 300 },
      reading({ split: { validation: 0.5, test: 0 } }),
    );
    expect(known.merges).toContain('a b');
    expect(known.merges!.join()).not.toMatch(/[xy]/);
  });

  it('is read with the merges of a trained network', () => {
    const { vocabulary, merges } = prepared('subword');
    const other = prepareText(
      { kind: 'text', bytes: Buffer.from('zz the thesis 世界 '.repeat(9)) },
      { tokens: 'subword', vocabulary: 300 },
      reading(),
      undefined,
      { vocabulary, merges },
    );
    expect(other.merges).toEqual(merges);
    const ids = other.train.read(0, other.train.length);
    expect(textOfBytes(Array.from(ids, (id) => vocabulary[id]!))).toMatch(/^zz the thesis 世界 zz/);
  });
});
