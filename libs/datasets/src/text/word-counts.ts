/** Maximum number of distinct words counted at once. A text of gigabytes has more, most of which occur once. */
const mostCounted = 2 ** 18;

/** Counts words in bounded memory. */
export class WordCounts {
  readonly all = new Map<string, number>();
  private forgotten = 0;

  constructor(private readonly mostAtOnce = mostCounted) {}

  add(word: string): void {
    const known = this.all.get(word);
    this.all.set(known === undefined ? ownCopy(word) : word, (known ?? 0) + 1);
    // Lossy counting (Manku & Motwani 2002): exact for few words, then too low by at most `forgotten`.
    if (this.all.size > this.mostAtOnce) {
      this.forgotten++;
      for (const [each, count] of this.all) if (count <= this.forgotten) this.all.delete(each);
    }
  }
}

/** Copies a substring: a slice would keep the whole chunk of text in memory. */
const ownCopy = (word: string): string => Buffer.from(word, 'utf16le').toString('utf16le');
