import { rankedWords, requireFewCharacters, wordsOf } from './symbols';

/** How a text becomes numbered symbols, in passes over its pieces. A symbol is a code point, or a word. */
export interface Alphabet<Symbol> {
  /** The symbols of a text, a few at a time. */
  symbols(pieces: Iterable<string>): Iterable<ArrayLike<Symbol>>;
  /** Which symbols there are, and how often: from `begin` up to `end` of a few. */
  count(symbols: ArrayLike<Symbol>, begin: number, end: number): void;
  /** The symbols that get a number, in that order, after all were counted. */
  vocabulary(): string[];
  /** The numbers of a few symbols, once there is a vocabulary. */
  encode(symbols: ArrayLike<Symbol>): Uint16Array;
}

const codePoints = 0x110000;

/** Every character that was counted, in the order of code points. A table for each code point is what makes a pass fast. */
export function characters(): Alphabet<number> {
  const seen = new Uint8Array(codePoints);
  const numbers = new Uint16Array(codePoints);
  return {
    *symbols(pieces) {
      for (const piece of pieces) yield codePointsOf(piece);
    },
    count(symbols, begin, end) {
      for (let at = begin; at < end; at++) seen[symbols[at]!] = 1;
    },
    vocabulary() {
      const all: number[] = [];
      for (let code = 0; code < codePoints; code++) if (seen[code]) all.push(code);
      requireFewCharacters(all.length);
      all.forEach((code, number) => (numbers[code] = number));
      return all.map((code) => String.fromCodePoint(code));
    },
    encode: (symbols) => {
      const encoded = new Uint16Array(symbols.length);
      for (let at = 0; at < encoded.length; at++) encoded[at] = numbers[symbols[at]!]!;
      return encoded;
    },
  };
}

function codePointsOf(piece: string): Uint32Array {
  const codes = new Uint32Array(piece.length);
  let count = 0;
  for (let at = 0; at < piece.length; at++) {
    const code = piece.codePointAt(at)!;
    if (code > 0xffff) at++;
    codes[count++] = code;
  }
  return codes.subarray(0, count);
}

/** Different words that are counted at once. A text of gigabytes has more, most of which come once. */
const mostCounted = 2 ** 20;
/** Characters without white space, after which a word is divided. */
const longestStretch = 2 ** 20;

/** The `most` most frequent words. */
export function words(most: number, mostAtOnce = mostCounted): Alphabet<string> {
  const counts = new Map<string, number>();
  let forgotten = 0;
  let numbers = new Map<string, number>();
  return {
    *symbols(pieces) {
      let kept = '';
      for (const piece of pieces) {
        const text = kept + piece;
        const end = text.length - piece.length > longestStretch ? text.length : afterLastSpace(text);
        yield wordsOf(text.slice(0, end));
        kept = text.slice(end);
      }
      yield wordsOf(kept);
    },
    count(symbols, begin, end) {
      for (let at = begin; at < end; at++) {
        const word = symbols[at]!;
        const known = counts.get(word);
        counts.set(known === undefined ? ownCopy(word) : word, (known ?? 0) + 1);
        // Lossy counting (Manku & Motwani 2002): exact while there are few words, then short by at most `forgotten`.
        if (counts.size > mostAtOnce) {
          forgotten++;
          for (const [each, count] of counts) if (count <= forgotten) counts.delete(each);
        }
      }
    },
    vocabulary() {
      const vocabulary = rankedWords(counts, most);
      counts.clear();
      numbers = new Map(vocabulary.map((word, number) => [word, number]));
      return vocabulary;
    },
    encode: (symbols) => Uint16Array.from(symbols, (word) => numbers.get(word) ?? 0),
  };
}

/** A part of a string keeps all of it in memory: a word that stays must not keep its piece of the text. */
const ownCopy = (word: string): string => Buffer.from(word, 'utf16le').toString('utf16le');

/** Where a text may be cut without dividing a word: 0 where nowhere. */
function afterLastSpace(text: string): number {
  for (let end = text.length; end > 0; end--) if (/\s/.test(text[end - 1]!)) return end;
  return 0;
}
