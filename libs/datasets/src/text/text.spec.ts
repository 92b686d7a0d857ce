import fc from 'fast-check';
import { DatasetError, type TokenSource } from '../prepared/data';
import { prepareText } from './text';

const toSource = (text: string) => ({ kind: 'text', bytes: new TextEncoder().encode(text) }) as const;

/** The parts of a text as characters. */
function prepareCharacters(text: string, { validation: held }: { validation: number }) {
  const reading = { split: { validation: held, test: 0 }, splitSeed: 0 };
  const { vocabulary, train, validation } = prepareText(
    toSource(text),
    { tokens: 'character', vocabulary: 2 },
    reading,
  );
  return { vocabulary, train: train.read(0, train.length), validation: validation.read(0, validation.length) };
}

describe('a text as characters', () => {
  it('is numbered by sorted code points and split once', () => {
    const { vocabulary, train, validation } = prepareCharacters('banana bread', { validation: 0.25 });
    expect(vocabulary).toEqual([' ', 'a', 'b', 'd', 'e', 'n', 'r']);
    expect([...train]).toEqual([2, 1, 5, 1, 5, 1, 0, 2, 6]);
    expect([...validation]).toEqual([4, 1, 3]);
  });

  it('counts an emoji beyond the basic plane as one character, sorted last', () => {
    const { vocabulary, train, validation } = prepareCharacters('a😀b\uffff😀', { validation: 0.4 });
    expect(vocabulary).toEqual(['a', 'b', '\uffff', '😀']);
    expect([...train, ...validation]).toEqual([0, 3, 1, 2, 3]);
  });

  it('can be reassembled, with the last part held out', () => {
    fc.assert(
      fc.property(
        // A leading byte order mark is not part of the text.
        fc.string({ unit: 'binary', minLength: 40, maxLength: 200 }).filter((text) => !text.startsWith('\ufeff')),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (text, fraction) => {
          const { vocabulary, train, validation } = prepareCharacters(text, { validation: fraction });
          expect([...train, ...validation].map((id) => vocabulary[id]).join('')).toBe(text);
          const { length } = Array.from(text);
          expect(Math.abs(validation.length - length * fraction)).toBeLessThan(1 + 1e-6);
        },
      ),
    );
  });

  it('may have at most 65,536 different characters', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => String.fromCodePoint(0x10000 + index)).join('');
    const { vocabulary, train, validation } = prepareCharacters(many(65_536), { validation: 0.5 });
    expect([vocabulary.length, train.at(0), validation.at(-1)]).toEqual([65_536, 0, 65_535]);
    expect(() => prepareCharacters(many(65_537), { validation: 0.5 })).toThrow(
      'the text has 65537 different characters, more than 65536',
    );
  });

  it.each([
    ['abc', 0.5],
    ['abcdefghij', 0.1],
    ['abcdefghij', 0.95],
  ])('is refused if a part has no pair of tokens: %j with %d held out', (text, validation) => {
    expect(() => prepareCharacters(text, { validation })).toThrow(DatasetError);
    expect(() => prepareCharacters(text, { validation })).toThrow(/too few for a (training|validation) part/);
  });

  it('may have as few as two characters in each part', () => {
    expect(prepareCharacters('abcd', { validation: 0.5 }).validation).toEqual(Uint16Array.of(2, 3));
  });
});

describe('a text as words', () => {
  const reading = { split: { validation: 0.25, test: 0.25 }, splitSeed: 0 };

  it('keeps the most frequent words of the training part, by count and then alphabetically; others are unknown', () => {
    const text = "don't stop, stop stop stop, now now\nnow or ever , ever";
    const { vocabulary, train, validation, test } = prepareText(
      toSource(text),
      { tokens: 'word', vocabulary: 4 },
      reading,
    );
    const written = ({ length, read }: TokenSource): string =>
      Array.from(read(0, length), (id) => vocabulary[id]).join(' ');
    expect(vocabulary).toEqual(['<unknown>', 'stop', ',', "don't"]);
    expect(written(train)).toBe("don't stop , stop stop stop ,");
    expect(written(validation)).toBe(Array<string>(5).fill('<unknown>').join(' '));
    expect(train.length + validation.length + test!.length).toBe(15);
  });
});
