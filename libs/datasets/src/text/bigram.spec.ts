import fc from 'fast-check';
import { tokensInMemory, type TokenData } from '../prepared/data';
import { bigramBaseline } from './bigram';

const data = (vocabulary: string, train: string, validation: string): TokenData => {
  const numbered = (text: string) =>
    tokensInMemory(Uint16Array.from(text, (character) => vocabulary.indexOf(character)));
  return {
    ...{ kind: 'tokens', tokens: 'character', vocabulary: Array.from(vocabulary) },
    train: numbered(train),
    validation: numbered(validation),
  };
};
const loss = (...texts: [vocabulary: string, train: string, validation: string]): number =>
  bigramBaseline(data(...texts)).metrics['validation.loss']!;

describe('the bigram baseline', () => {
  it('matches a count by hand: ab twice of two in ab|ab, with 0.1 added to each count', () => {
    // Pairs of the training text abab: ab, ba, ab. P(b|a) = (2 + 0.1) / (2 + 0.2).
    expect(loss('ab', 'abab', 'ab')).toBeCloseTo(-Math.log(2.1 / 2.2), 12);
    // aab: aa once, ab once. P(a|a) = 1.1/2.2, P(b|a) = 1.1/2.2, P(a|b) = 0.1/0.2: one bit each.
    expect(loss('ab', 'aab', 'aaba')).toBeCloseTo(Math.LN2, 12);
  });

  it('counts pairs within each part, not across parts', () => {
    expect(loss('abc', 'ab', 'ca')).toBeCloseTo(Math.log(3), 12);
  });

  it('is uniform after a symbol unseen in training', () => {
    const { metrics } = bigramBaseline(data('abcdefgh', 'ab', 'cdefghc'));
    expect(metrics['validation.bitsPerToken']).toBeCloseTo(3, 12);
    expect(metrics['validation.perplexity']).toBeCloseTo(8, 10);
    expect(metrics['validation.loss']).toBeCloseTo(3 * Math.LN2, 12);
  });

  it('is near 0 bits on a deterministic text, and near 1 bit on a fair coin', () => {
    expect(loss('abc', 'abc'.repeat(10_000), 'abc'.repeat(10))).toBeLessThan(1e-4);
    const coin = 'aabb'.repeat(5_000);
    expect(loss('ab', coin, coin) / Math.LN2).toBeCloseTo(1, 3);
  });

  it('gives next-symbol probabilities that sum to 1', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abcd'), minLength: 2, maxLength: 40 }),
        fc.constantFrom(...'abcd'),
        (train, last) => {
          const chances = Array.from('abcd', (next) => Math.exp(-loss('abcd', train, last + next)));
          expect(chances.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
          expect(Math.min(...chances)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('counts the same pairs without a full table, and only the last ones of a long text', () => {
    const text = data('abcd', 'abcdabcaabdc'.repeat(50), 'dcbaabcd');
    const { 'validation.loss': table } = bigramBaseline(text).metrics;
    const few = data(
      'abcd',
      text.train
        .read(0, 600)
        .slice(-15)
        .reduce((all, id) => all + 'abcd'[id], ''),
      'dcbaabcd',
    );
    expect(bigramBaseline(few, 15).metrics['validation.loss']).not.toBe(table);
    expect(bigramBaseline(text, 15).metrics).toEqual(bigramBaseline(few).metrics);
  });
});
