import type { DatasetSpec } from '@unroll/contracts';
import type { Sequences } from '../prepared/data';
import { joinTokens } from '../prepared/examples';
import { numberer, unknownWord, vocabularyOf, type Tokens } from '../text/symbols';

/** Before the first token that a decoder writes. It is read, and never a target. */
export const startSymbol = '<start>';
/** After the last token: the end of every target sequence. */
export const endSymbol = '<end>';

/** The first symbols of a vocabulary that a decoder writes. */
export const decoderSymbols = [startSymbol, endSymbol, unknownWord] as const;

/** How texts are taken apart. */
export interface Reading {
  tokens: Tokens;
  /** Most frequent words that are kept. */
  vocabulary: number;
  /** Symbols that are numbered already, the decoder's own first; undefined to number those of the data. */
  given?: readonly string[] | undefined;
}

/**
 * Symbols that are to be written, numbered after the start, the end and the unknown symbol, each sequence with the end symbol last. Words are
 * numbered by their frequency in the training part; a text that holds one of those three symbols has an unknown word there.
 * `maximumSteps` does not count the end symbol, which is there even where a sequence is cut.
 * @throws DatasetError for a sequence that is empty, or too long
 */
export function targetSequences(
  symbols: readonly (readonly string[])[],
  learned: Int32Array,
  { tokens, vocabulary: most, given }: Reading,
  placeOf: (index: number) => string,
  dataset: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): { targets: Extract<Sequences, { kind: 'tokens' }>; targetVocabulary: string[] } {
  const counted = tokens === 'character' ? symbols : Array.from(learned, (index) => symbols[index]!);
  const reserved: readonly string[] = decoderSymbols;
  const own = vocabularyOf(counted, tokens, most).filter((symbol) => !reserved.includes(symbol));
  const targetVocabulary = given ? [...given] : [...decoderSymbols, ...own].slice(0, 65_536);
  const number = numberer(targetVocabulary, reserved.indexOf(unknownWord));
  const plain = (symbol: string): number => number(reserved.includes(symbol) ? unknownWord : symbol);
  const { offsets, ids } = joinTokens(
    symbols.map((each) => each.map(plain)),
    placeOf,
    dataset,
  );
  return { targets: ended({ kind: 'tokens', offsets, ids }), targetVocabulary };
}

/** The same with the end symbol after each. */
function ended({ offsets, ids }: Extract<Sequences, { kind: 'tokens' }>): Extract<Sequences, { kind: 'tokens' }> {
  const longer = new Uint16Array(ids.length + offsets.length - 1).fill(decoderSymbols.indexOf(endSymbol));
  const own = offsets.map((offset, index) => offset + index);
  for (let index = 0; index + 1 < offsets.length; index++)
    longer.set(ids.subarray(offsets[index], offsets[index + 1]), own[index]);
  return { kind: 'tokens', offsets: own, ids: longer };
}
