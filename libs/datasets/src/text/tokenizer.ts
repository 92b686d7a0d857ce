import { DatasetError } from '../prepared/data';
import { BytePairs, learnSubwords, type Subwords } from './byte-pairs';
import { partsOf } from './byte-level';
import { buildVocabulary, mostSymbols, tokenize } from './symbols';
import type { Tokens } from '../prepared/tokens';
import { WordCounts } from './word-counts';

/** How texts are tokenized. */
export interface Tokenization {
  tokens: Tokens;
  /** Maximum number of words or subwords. */
  vocabulary: number;
}

/** The tokens of a trained network. */
export interface KnownTokens {
  vocabulary?: readonly string[] | undefined;
  /** Of subwords. */
  merges?: readonly string[] | undefined;
  /** Of subwords: tokens that a text is cut at first. */
  added?: readonly string[] | undefined;
}

export interface Tokenized {
  /** The symbols of each row. */
  symbols: readonly (readonly string[])[];
  /** In order of IDs. */
  vocabulary: string[];
  /** Of subwords. */
  merges?: string[] | undefined;
}

/** Symbols that may come before subwords in a vocabulary, such as <end>. */
const reserved = 16;

/**
 * Tokenizes rows, which are texts or, all of them, lists of words. All characters are in the vocabulary; words and subwords come from the
 * rows in `learned`, the training part. `known`: the tokens of a trained network instead.
 */
export function tokenizeRows(
  rows: readonly (string | readonly string[])[],
  learned: ArrayLike<number>,
  { tokens, vocabulary: most }: Tokenization,
  known: KnownTokens = {},
): Tokenized {
  const texts = rows.filter((row) => typeof row === 'string');
  if (tokens === 'subword' && texts.length === rows.length) {
    const subwords = known.merges
      ? { vocabulary: [...(known.vocabulary ?? [])], merges: [...known.merges] }
      : subwordsOf(
          Array.from(learned, (index) => texts[index]!),
          most,
        );
    const pairs = bytePairs(subwords);
    return { ...subwords, symbols: texts.map((text) => pairs.symbols(text)) };
  }
  const kind = tokens === 'subword' || texts.length < rows.length ? 'word' : tokens;
  const symbols = rows.map((row) => (typeof row === 'string' ? tokenize(row, kind) : row));
  const counted = kind === 'character' ? symbols : Array.from(learned, (index) => symbols[index]!);
  return { symbols, vocabulary: known.vocabulary ? [...known.vocabulary] : buildVocabulary(counted, kind, most) };
}

function subwordsOf(texts: readonly string[], most: number): Subwords {
  const counts = new WordCounts();
  for (const text of texts) for (const part of partsOf(text)) counts.add(part);
  return learnSubwords(counts.all, mostSubwords(most));
}

/** The size of a vocabulary of subwords: IDs have 16 bits, also beside the symbols of a decoder. */
export const mostSubwords = (most: number): number => Math.min(most, mostSymbols - reserved);

/** @throws DatasetError for merges that do not fit the vocabulary */
export function bytePairs({ vocabulary = [], merges, added }: KnownTokens): BytePairs {
  if (!merges) throw new DatasetError('the model does not have the merges of its subwords: it is damaged');
  return new BytePairs(vocabulary, merges, added);
}

/** Tokenizes texts as a trained network reads them. @throws DatasetError for a damaged model */
export function knownTokenizer(tokens: Tokens, known: KnownTokens): (text: string) => string[] {
  if (tokens !== 'subword') return (text) => tokenize(text, tokens);
  const pairs = bytePairs(known);
  return (text) => pairs.symbols(text);
}
