import fc from 'fast-check';
import { splitWords } from './words';

describe('the words of a text', () => {
  it('are runs of letters, numbers and apostrophes; every other character is separate', () => {
    expect(splitWords("Don't stop_it,\n naïve 42% <unk> a<b <B> 世界!")).toEqual([
      "Don't",
      'stop_it',
      ',',
      '\n',
      'naïve',
      '42',
      '%',
      '<unk>',
      'a',
      '<',
      'b',
      '<',
      'B',
      '>',
      '世界',
      '!',
    ]);
  });

  it('match those of a regular expression on any text', () => {
    const slowly = (text: string): string[] => text.match(/\n|[\p{L}\p{M}\p{N}_'’]+|<[a-z]+>|[^\s]/gu) ?? [];
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('<unk>', '<', 'ab', '>', '\n', ' ', '😀', '𝒳', '\ud835', "it's", '\u2028', '١٢'),
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const text = parts.join('');
        expect(splitWords(text)).toEqual(slowly(text));
      }),
    );
  });
});
