import type { DatasetSpec } from '@unroll/contracts';
import type { Sequences } from '../prepared/data';
import { joinTokens } from '../prepared/examples';
import { mostSymbols, numberer, unknownWord } from '../text/symbols';
import { tokenizeRows, type KnownTokens, type Tokenization } from '../text/tokenizer';

/** A decoder's first input, never a target. */
export const startSymbol = '<start>';
/** The last token of every target sequence. */
export const endSymbol = '<end>';

/** The first symbols of a decoder's vocabulary. */
export const decoderSymbols = [startSymbol, endSymbol, unknownWord] as const;

/** How texts are tokenized. */
export interface Reading extends Tokenization {
  /** The tokens of a trained network, whose vocabulary begins with the decoder symbols. */
  known?: KnownTokens | undefined;
}

/**
 * Target sequences, numbered after the start, end and unknown symbols, each with the end symbol last. Words are numbered by frequency
 * in the training part, and subwords learned from it; one of those three symbols within a text becomes an unknown word. `maximumSteps`
 * does not count the end symbol, which is present even if a sequence is cut.
 * @throws DatasetError for an empty or too long sequence
 */
export function targetSequences(
  texts: readonly (string | readonly string[])[],
  learned: Int32Array,
  { known, ...reading }: Reading,
  placeAt: (index: number) => string,
  dataset: Pick<DatasetSpec, 'maximumSteps' | 'longer'>,
): {
  targets: Extract<Sequences, { kind: 'tokens' }>;
  targetVocabulary: string[];
  targetMerges?: string[] | undefined;
} {
  const reserved: readonly string[] = decoderSymbols;
  const { symbols, vocabulary, merges: targetMerges } = tokenizeRows(texts, learned, reading, known);
  const own = vocabulary.filter((symbol) => !reserved.includes(symbol));
  const targetVocabulary = known?.vocabulary ? vocabulary : [...decoderSymbols, ...own].slice(0, mostSymbols);
  const number = numberer(targetVocabulary, reserved.indexOf(unknownWord));
  const plain = (symbol: string): number => number(reserved.includes(symbol) ? unknownWord : symbol);
  const { offsets, ids } = joinTokens(
    symbols.map((each) => each.map(plain)),
    placeAt,
    dataset,
  );
  return { targets: ended({ kind: 'tokens', offsets, ids }), targetVocabulary, targetMerges };
}

/** The same sequences with the end symbol appended to each. */
function ended({ offsets, ids }: Extract<Sequences, { kind: 'tokens' }>): Extract<Sequences, { kind: 'tokens' }> {
  const longer = new Uint16Array(ids.length + offsets.length - 1).fill(decoderSymbols.indexOf(endSymbol));
  const own = offsets.map((offset, index) => offset + index);
  for (let index = 0; index + 1 < offsets.length; index++)
    longer.set(ids.subarray(offsets[index], offsets[index + 1]), own[index]);
  return { kind: 'tokens', offsets: own, ids: longer };
}
