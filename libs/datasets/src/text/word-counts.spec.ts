import fc from 'fast-check';
import { WordCounts } from './word-counts';

/** How often each word of a text occurs. */
function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

describe('counts of words in bounded memory', () => {
  const counted = (words: readonly string[], most?: number): WordCounts => {
    const counts = new WordCounts(most);
    for (const word of words) counts.add(word);
    return counts;
  };

  it('are exact for few words', () => {
    const words = ['a', 'b', 'a', 'c', 'a'];
    expect(counted(words, 3).all).toEqual(countsOf(words));
  });

  it('are too low by no more than what was forgotten', () => {
    const word = fc.integer({ min: 0, max: 40 }).map((number) => `w${Math.floor(number ** 2 / 40)}`);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 300 }), (words) => {
        const counts = counted(words, 8);
        for (const [each, count] of countsOf(words)) {
          const found = counts.all.get(each) ?? 0;
          expect(found).toBeLessThanOrEqual(count);
          expect(found).toBeGreaterThanOrEqual(count - counts.forgotten);
        }
      }),
    );
  });

  it('are those of a word that comes late, too', () => {
    const rare = (count: number, of: string): string[] => Array.from({ length: count }, (_, index) => `${of}${index}`);
    const late = rare(800, 'b').flatMap((word) => [word, 'late']);
    const counts = counted([...rare(400, 'a'), ...late], 20);
    expect(counts.all.get('late')).toBeGreaterThan(700);
    expect(counts.all.get('late')).toBeGreaterThanOrEqual(800 - counts.forgotten);
  });
});
