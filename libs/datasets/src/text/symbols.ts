import { DatasetError } from '../prepared/data';
import { bytesOf, lineBreakSymbol, textOfBytes } from './byte-level';
import type { Tokens } from '../prepared/tokens';
import { splitWords } from './words';

/** The token for words outside the vocabulary. */
export const unknownWord = '<unknown>';
export const mostSymbols = 65_536;

/** Tokenizes a text into code points, or into words, punctuation and line breaks. */
export const tokenize = (text: string, tokens: Exclude<Tokens, 'subword'>): string[] =>
  tokens === 'character' ? Array.from(text) : splitWords(text);

/** What is written between two tokens. */
export const separatorFor = (tokens: Tokens): string => (tokens === 'word' ? ' ' : '');

/** The tokens in which a language model writes; characters for what writes none. */
export const writtenTokens = (task: { kind: string; tokens?: Tokens }): Tokens =>
  task.kind === 'language-model' ? task.tokens! : 'character';

/** The number of the token that a language model must never write, <unknown>; undefined for a vocabulary without it. */
export function neverWritten(vocabulary: readonly string[]): number | undefined {
  const unknown = vocabulary.indexOf(unknownWord);
  return unknown < 0 ? undefined : unknown;
}

/** The text of symbols. */
export const textOf = (symbols: readonly string[], tokens: Tokens): string =>
  tokens === 'subword' ? textOfBytes(symbols) : symbols.join(separatorFor(tokens));

/**
 * Gives the text that each symbol adds to what was written before, for a reader who follows: together, that is `textOf`. Bytes that a later
 * symbol may complete to a character wait for it. Call it without a symbol at the end, for what still waits.
 */
export function textPieces(tokens: Tokens): (symbol?: string) => string {
  if (tokens !== 'subword') {
    let separator = '';
    return (symbol) => {
      if (symbol === undefined) return '';
      const piece = separator + symbol;
      separator = separatorFor(tokens);
      return piece;
    };
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (symbol) => (symbol === undefined ? decoder.decode() : decoder.decode(bytesOf([symbol]), { stream: true }));
}

/** What people read for each symbol of a vocabulary: `Ġthe` is " the". Half a character is U+FFFD. */
export const symbolNames = (vocabulary: readonly string[], tokens: Tokens): readonly string[] =>
  tokens === 'subword' ? vocabulary.map((symbol) => textOfBytes([symbol])) : vocabulary;

/** The symbol of a line break. */
export const lineBreakFor = (tokens: Tokens): string => (tokens === 'subword' ? lineBreakSymbol : '\n');

/** @throws DatasetError for more than 65,536 different characters */
export function requireFewCharacters(count: number): void {
  if (count > mostSymbols)
    throw new DatasetError(`the text has ${count} different characters, more than ${mostSymbols}`);
}

/** The `most` most frequent words, <unknown> first, by count and then by code units. */
export function rankedWords(counts: ReadonlyMap<string, number>, most: number): string[] {
  const ranked = [...counts]
    .filter(([word]) => word !== unknownWord)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return [unknownWord, ...ranked.slice(0, most - 1).map(([word]) => word)];
}

/**
 * The vocabulary in order of IDs: all characters by code point, or the `most` most frequent words, <unknown> first.
 * @throws DatasetError for more than 65,536 different characters
 */
export function buildVocabulary(
  rows: Iterable<readonly string[]>,
  tokens: Exclude<Tokens, 'subword'>,
  most: number,
): string[] {
  const counts = new Map<string, number>();
  for (const symbols of rows) for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  if (tokens === 'word') return rankedWords(counts, most);
  requireFewCharacters(counts.size);
  return [...counts.keys()].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
}

/** Maps symbols to IDs. @throws DatasetError, with the place, for an unknown symbol if the vocabulary has no <unknown> */
export function placedNumberer(vocabulary: readonly string[]): (symbol: string, place: () => string) => number {
  const number = numberer(vocabulary, -1);
  const other = vocabulary[0] === unknownWord ? 0 : -1;
  return (symbol, place) => {
    const found = number(symbol);
    if (found < 0 && other < 0)
      throw new DatasetError(
        `${place()}: the model does not know the character ${JSON.stringify(symbol)}; ` +
          'remove it, or train with text that contains it',
      );
    return found < 0 ? other : found;
  };
}

/** Maps symbols to IDs; unknown ones to `other`, by default the first of the vocabulary, <unknown>. */
export function numberer(vocabulary: readonly string[], other = 0): (symbol: string) => number {
  const numbers = new Map(vocabulary.map((symbol, index) => [symbol, index]));
  return (symbol) => numbers.get(symbol) ?? other;
}
