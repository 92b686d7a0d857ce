/** Maximum number of distinct words counted at once. A text of gigabytes has more, most of which occur once. */
const mostCounted = 2 ** 18;

/** Counts words in bounded memory. */
export class WordCounts {
  readonly all = new Map<string, number>();
  /** Occurrences that the count of a word may lack. */
  forgotten = 0;

  /** Occurrences that may have been forgotten of a word when it was counted first, if any. */
  private readonly before = new Map<string, number>();

  constructor(private readonly mostAtOnce = mostCounted) {}

  add(word: string): void {
    const known = this.all.get(word);
    const own = known === undefined ? ownCopy(word) : word;
    this.all.set(own, (known ?? 0) + 1);
    if (known === undefined && this.forgotten > 0) this.before.set(own, this.forgotten);
    // Lossy counting (Manku & Motwani 2002): exact for few words, then too low by at most `forgotten`.
    if (this.all.size > this.mostAtOnce) {
      this.forgotten++;
      for (const [each, count] of this.all) {
        if (count + (this.before.get(each) ?? 0) > this.forgotten) continue;
        this.all.delete(each);
        this.before.delete(each);
      }
    }
  }

  /** Frees the memory. */
  clear(): void {
    this.all.clear();
    this.before.clear();
  }
}

/** Copies a substring: a slice would keep the whole chunk of text in memory. */
const ownCopy = (word: string): string => Buffer.from(word, 'utf16le').toString('utf16le');
