import { DatasetError } from '../prepared/data';
import { rankedWords, requireFewCharacters } from './symbols';
import { WordCounts } from './word-counts';
import { wordSpans, type WordSpans } from './words';

/** Tokenizes and numbers a text in passes over its chunks. `Symbols` is a batch of consecutive code points or words. */
export interface Alphabet<Symbols extends { length: number }> {
  /** The symbols of a text, in batches. */
  symbols(pieces: Iterable<string>): Iterable<Symbols>;
  /** Counts the symbols from `begin` to `end` (exclusive) of a batch. */
  count(symbols: Symbols, begin: number, end: number): void;
  /** The symbols in order of their IDs, once all have been counted. */
  vocabulary(): string[];
  /** The IDs of a batch of symbols, once there is a vocabulary. */
  encode(symbols: Symbols): Uint16Array;
}

const codePoints = 0x110000;

/**
 * All counted characters in order of code points; or the `given` ones, with a DatasetError for any other. A lookup table by code point
 * makes a pass fast.
 */
export function characters(given?: readonly string[]): Alphabet<Uint32Array> {
  const seen = new Uint8Array(codePoints);
  const numbers = new Uint16Array(codePoints);
  return {
    *symbols(pieces) {
      for (const piece of pieces) yield toCodePoints(piece);
    },
    count(symbols, begin, end) {
      for (let at = begin; at < end; at++) seen[symbols[at]!] = 1;
    },
    vocabulary() {
      const all: number[] = [];
      for (let code = 0; code < codePoints; code++) if (seen[code]) all.push(code);
      if (given) return numbered(given, all, numbers);
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

/** Numbers the given characters. @throws DatasetError if others were seen */
function numbered(given: readonly string[], seen: readonly number[], numbers: Uint16Array): string[] {
  const known = new Set(given.map((character) => character.codePointAt(0)!));
  const others = seen.filter((code) => !known.has(code)).map((code) => JSON.stringify(String.fromCodePoint(code)));
  if (others.length > 0)
    throw new DatasetError(
      `the model does not know ${others.length} of the text's characters, such as ${others.slice(0, 5).join(' ')}: ` +
        'remove them, or train a new model',
    );
  given.forEach((character, number) => (numbers[character.codePointAt(0)!] = number));
  return [...given];
}

function toCodePoints(piece: string): Uint32Array {
  const codes = new Uint32Array(piece.length);
  let count = 0;
  for (let at = 0; at < piece.length; at++) {
    const code = piece.codePointAt(at)!;
    if (code > 0xffff) at++;
    codes[count++] = code;
  }
  return codes.subarray(0, count);
}

/** Length at which a run of characters without white space is split. */
const longestStretch = 2 ** 20;

/** The `most` most frequent words, or the `given` ones. */
export function words(most: number, given?: readonly string[], mostAtOnce?: number): Alphabet<WordSpans> {
  const counts = new WordCounts(mostAtOnce);
  let numbers = new Map<string, number>();
  return {
    *symbols(pieces) {
      let kept = '';
      for (const piece of pieces) {
        const text = kept + piece;
        const end = text.length - piece.length > longestStretch ? text.length : afterLastSpace(text);
        yield wordSpans(text.slice(0, end));
        kept = text.slice(end);
      }
      yield wordSpans(kept);
    },
    count({ text, begins, ends }, begin, end) {
      for (let at = begin; at < end; at++) counts.add(text.slice(begins[at], ends[at]));
    },
    vocabulary() {
      const vocabulary = given ? [...given] : rankedWords(counts.all, most);
      counts.clear();
      numbers = new Map(vocabulary.map((word, number) => [word, number]));
      return vocabulary;
    },
    encode({ text, length, begins, ends }) {
      const encoded = new Uint16Array(length);
      for (let at = 0; at < length; at++) encoded[at] = numbers.get(text.slice(begins[at], ends[at])) ?? 0;
      return encoded;
    },
  };
}

/** The last position where a text can be cut without splitting a word; 0 if none. */
function afterLastSpace(text: string): number {
  for (let end = text.length; end > 0; end--) if (/\s/.test(text[end - 1]!)) return end;
  return 0;
}
