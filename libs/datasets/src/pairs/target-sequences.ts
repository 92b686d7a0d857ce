import type { DatasetSpec } from '@unroll/contracts';
import type { Sequences } from '../prepared/data';
import { joinTokens } from '../prepared/examples';
import { numberer, unknownWord, buildVocabulary, type Tokens } from '../text/symbols';

/** A decoder's first input, never a target. */
export const startSymbol = '<start>';
/** The last token of every target sequence. */
export const endSymbol = '<end>';

/** The first symbols of a decoder's vocabulary. */
export const decoderSymbols = [startSymbol, endSymbol, unknownWord] as const;

/** How texts are tokenized. */
export interface Reading {
  tokens: Tokens;
  /** Maximum number of words in the vocabulary, most frequent first. */
  vocabulary: number;
  /** A fixed vocabulary, which begins with the decoder symbols; undefined to build it from the data. */
  given?: readonly string[] | undefined;
}

/**
 * Target sequences, numbered after the start, end and unknown symbols, each with the end symbol last. Words are numbered by frequency
 * in the training part; one of those three symbols within a text becomes an unknown word. `maximumSteps` does not count the end
 * symbol, which is present even if a sequence is cut.
 * @throws DatasetError for an empty or too long sequence
 */
export function targetSequences(
  symbols: readonly (readonly string[])[],
  learned: Int32Array,
  { tokens, vocabulary: most, given }: Reading,
  placeAt: (index: number) => string,
  dataset: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): { targets: Extract<Sequences, { kind: 'tokens' }>; targetVocabulary: string[] } {
  const counted = tokens === 'character' ? symbols : Array.from(learned, (index) => symbols[index]!);
  const reserved: readonly string[] = decoderSymbols;
  const own = buildVocabulary(counted, tokens, most).filter((symbol) => !reserved.includes(symbol));
  const targetVocabulary = given ? [...given] : [...decoderSymbols, ...own].slice(0, 65_536);
  const number = numberer(targetVocabulary, reserved.indexOf(unknownWord));
  const plain = (symbol: string): number => number(reserved.includes(symbol) ? unknownWord : symbol);
  const { offsets, ids } = joinTokens(
    symbols.map((each) => each.map(plain)),
    placeAt,
    dataset,
  );
  return { targets: ended({ kind: 'tokens', offsets, ids }), targetVocabulary };
}

/** The same sequences with the end symbol appended to each. */
function ended({ offsets, ids }: Extract<Sequences, { kind: 'tokens' }>): Extract<Sequences, { kind: 'tokens' }> {
  const longer = new Uint16Array(ids.length + offsets.length - 1).fill(decoderSymbols.indexOf(endSymbol));
  const own = offsets.map((offset, index) => offset + index);
  for (let index = 0; index + 1 < offsets.length; index++)
    longer.set(ids.subarray(offsets[index], offsets[index + 1]), own[index]);
  return { kind: 'tokens', offsets: own, ids: longer };
}
