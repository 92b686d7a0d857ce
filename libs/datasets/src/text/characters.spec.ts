import fc from 'fast-check';
import { DatasetError } from '../token-data';
import { prepareCharacters } from './characters';

describe('a text as characters', () => {
  it('is numbered by code points, sorted, and cut once', () => {
    const { vocabulary, train, validation } = prepareCharacters('banana bread', { validation: 0.25 });
    expect(vocabulary).toEqual([' ', 'a', 'b', 'd', 'e', 'n', 'r']);
    expect([...train]).toEqual([2, 1, 5, 1, 5, 1, 0, 2, 6]);
    expect([...validation]).toEqual([4, 1, 3]);
  });

  it('counts an emoji beyond the basic plane as one character, and sorts it behind', () => {
    const { vocabulary, train, validation } = prepareCharacters('a😀b\uffff😀', { validation: 0.4 });
    expect(vocabulary).toEqual(['a', 'b', '\uffff', '😀']);
    expect([...train, ...validation]).toEqual([0, 3, 1, 2, 3]);
  });

  it('can be put together again, with the last part held out', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 40, maxLength: 200 }),
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

  it('may have 65,536 different characters and no more', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, index) => String.fromCodePoint(0x10000 + index)).join('');
    const { vocabulary, train, validation } = prepareCharacters(many(65_536), { validation: 0.5 });
    expect([vocabulary.length, train.at(0), validation.at(-1)]).toEqual([65_536, 0, 65_535]);
    expect(() => prepareCharacters(many(65_537), { validation: 0.5 })).toThrow(
      'the text has 65537 different characters, more than 65536',
    );
  });

  it.each([
    ['', 0.1],
    ['abc', 0.5],
    ['abcdefghij', 0.1],
    ['abcdefghij', 0.95],
  ])('is refused where a part has no pair: %j with %d held out', (text, validation) => {
    expect(() => prepareCharacters(text, { validation })).toThrow(DatasetError);
    expect(() => prepareCharacters(text, { validation })).toThrow(/too few to learn from and hold out/);
  });

  it('is enough with two characters on either side', () => {
    expect(prepareCharacters('abcd', { validation: 0.5 }).validation).toEqual(Uint16Array.of(2, 3));
  });
});
