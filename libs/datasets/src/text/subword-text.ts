import { DatasetError, type TokenData, type TokenSource } from '../prepared/data';
import type { Stretch, TimeSplit } from '../prepared/split';
import { charactersIn, partsOfPieces } from './byte-level';
import { learnSubwords } from './byte-pairs';
import { concatenated, type TokenStore } from './token-store';
import { bytePairs, mostSubwords, type KnownTokens } from './tokenizer';
import { WordCounts } from './word-counts';

/** A text to be read as subwords. */
export interface SubwordText {
  /** Its chunks, from the beginning. */
  read: () => Iterable<string>;
  /** The parts, in characters. */
  split: TimeSplit;
  vocabulary: number;
  known: KnownTokens;
  store: TokenStore;
}

/**
 * A text as subwords of its training part. It is split where a text of characters is, and each part is tokenized by itself, so that losses
 * per character compare with those of characters.
 */
export function subwordText({
  read,
  split,
  vocabulary,
  known,
  store,
}: SubwordText): Omit<TokenData, 'kind' | 'tokens'> {
  const subwords = known.merges
    ? { vocabulary: [...(known.vocabulary ?? [])], merges: [...known.merges], added: known.added }
    : learned(read, split.train, vocabulary);
  const pairs = bytePairs(subwords);
  const places = new Map<string, Stretch>();
  let end = 0;
  /** Where the tokens of a stretch are in the store. */
  const stored = ({ begin: from, end: to }: Stretch): Stretch => {
    const found = places.get(`${from} ${to}`);
    if (found) return found;
    const begin = end;
    for (const parts of partsOfPieces(within(read(), from, to), pairs.partsOf)) {
      const ids = parts.map((part) => pairs.idsOf(part));
      const length = ids.reduce((sum, each) => sum + each.length, 0);
      const batch = new Uint16Array(length);
      ids.reduce((at, each) => (batch.set(each, at), at + each.length), 0);
      store.append(batch);
      end += length;
    }
    const place = { begin, end };
    places.set(`${from} ${to}`, place);
    return place;
  };
  const [train, validation, test] = [
    split.train.map(stored),
    stored(split.validation),
    split.test && stored(split.test),
  ];
  const all = store.source();
  const lengths = new Map(subwords.vocabulary.map((symbol, id) => [id, charactersIn(symbol)]));
  const part = (what: string, ...stretches: Stretch[]): TokenSource => {
    const source = concatenated(all, stretches);
    if (source.length < 2)
      throw new DatasetError(`the text has too few subwords for a ${what} part: give a longer one`);
    return source;
  };
  /** Characters of a part after its first token, which is no target. */
  const characters = (source: TokenSource, { begin, end: last }: Stretch): number =>
    last - begin - lengths.get(source.read(0, 1)[0]!)!;
  const held = part('validation', validation);
  const tested = test && part('test', test);
  return {
    ...subwords,
    train: part('training', ...train),
    validation: held,
    test: tested,
    characters: {
      validation: characters(held, split.validation),
      test: tested && characters(tested, split.test!),
    },
  };
}

function learned(read: () => Iterable<string>, train: readonly Stretch[], vocabulary: number) {
  const counts = new WordCounts();
  for (const { begin, end } of train)
    for (const parts of partsOfPieces(within(read(), begin, end))) for (const part of parts) counts.add(part);
  return learnSubwords(counts.all, mostSubwords(vocabulary));
}

/** The characters of a text from `begin` to `end`, exclusive, in chunks. */
function* within(pieces: Iterable<string>, begin: number, end: number): Generator<string> {
  let before = 0;
  for (const piece of pieces) {
    const length = countCharacters(piece);
    const [from, to] = [Math.max(0, begin - before), Math.min(length, end - before)];
    if (from < to) yield piece.slice(unitsBefore(piece, from), unitsBefore(piece, to));
    before += length;
    if (before >= end) return;
  }
}

/** Characters (code points) of a text. */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at++) count -= Number(isPair(text, at));
  return count;
}

/** Whether a code unit is the second half of a surrogate pair. */
function isPair(text: string, at: number): boolean {
  const [first, second] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return first >= 0xd800 && first <= 0xdbff && second >= 0xdc00 && second <= 0xdfff;
}

/** The code units of the first `characters`. */
function unitsBefore(text: string, characters: number): number {
  if (characters === 0) return 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (at > 0 && isPair(text, at)) continue;
    if (count++ === characters) return at;
  }
  return text.length;
}
