import fc from 'fast-check';
import { distance } from 'fastest-levenshtein';
import { editDistance, editRate } from './edit-distance';

const sequence = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
const word = (items: readonly number[]): string => items.join('');

describe('the edit distance', () => {
  it('counts insertions, deletions and replacements', () => {
    expect(editDistance([...'kitten'], [...'sitting'])).toBe(3);
    expect(editDistance([...'saturday'], [...'sunday'])).toBe(3);
    expect(editDistance([1, 2, 3], [])).toBe(3);
    expect(editDistance([], ['one', 'two'])).toBe(2);
    expect(editDistance(Int32Array.of(7, 8), Int32Array.of(8, 7))).toBe(2);
  });

  it('compares whole items, not their letters', () => {
    expect(editDistance(['ab', 'c'], ['a', 'bc'])).toBe(2);
  });

  it('of digits is that of the strings they make', () => {
    fc.assert(fc.property(sequence, sequence, (a, b) => editDistance(a, b) === distance(word(a), word(b))));
  });
});

describe('the edit rate', () => {
  it('divides all edits by the length of all references', () => {
    expect(editRate([[1, 2], [5]], [[1, 3, 4], [5]])).toBe(2 / 4);
    expect(editRate([[1, 1, 1]], [[2]])).toBe(3);
  });

  it('stays finite for empty references', () => {
    expect(editRate([[]], [[]])).toBe(0);
    expect(editRate([[1, 2]], [[]])).toBe(2);
    expect(editRate([], [])).toBe(0);
  });

  it('refuses lists of different lengths', () => {
    expect(() => editRate([[1]], [])).toThrow('the edit rate needs a reference for each of 1 sequences, not 0');
  });
});
