import { decoderSymbols, textOf, unknownWord, type Tokens } from '@unroll/datasets';
import { bleu } from './bleu';
import { editDistance, rightTokens } from './edit-distance';
import type { TokenSequences } from '../batches/target-batch';

/** Stands for a word outside the vocabulary: in written texts, and in right ones. They are never the same word. */
const unknown = { written: '⁇', right: '⸮' } as const;

export interface Texts {
  vocabulary: readonly string[];
  /** What a token is. */
  tokens: Tokens;
}

/** The metrics of what one lane wrote. */
export interface WrittenTally {
  /** The sum of the loss over a batch, and the sequences of its examples without their end. */
  add: (loss: number, rows: Int32Array, sequences: readonly (readonly number[])[]) => void;
  metrics: () => Record<string, number>;
}

/**
 * Makes tallies of what is written against what is right: mean loss of a token, BLEU, edits per right token, and exact matches. A word
 * outside the vocabulary is never right.
 */
export function writtenTallies(right: TokenSequences, { vocabulary, tokens: kind }: Texts): () => WrittenTally {
  const count = right.offsets.length - 1;
  const unknownToken = (decoderSymbols as readonly string[]).indexOf(unknownWord);
  const text = (tokens: ArrayLike<number>, other: string): string =>
    textOf(
      Array.from(tokens, (token) => (token === unknownToken ? other : vocabulary[token]!)),
      kind,
    );
  const references = Array.from({ length: count }, (_, example) =>
    right.ids.subarray(right.offsets[example], right.offsets[example + 1]! - 1),
  );
  return () => {
    const written = new Array<readonly number[]>(count);
    let sum = 0;
    return {
      add(loss, rows, sequences) {
        sum += loss;
        rows.forEach((example, row) => (written[example] = sequences[row]!));
      },
      metrics() {
        const edits = references.map((reference, example) =>
          editDistance(written[example]!, rightTokens(reference, unknownToken)),
        );
        const tokens = references.reduce((total, { length }) => total + length, 0);
        return {
          loss: sum / right.ids.length,
          bleu: bleu(
            written.map((each) => text(each, unknown.written)),
            references.map((each) => text(each, unknown.right)),
          ),
          editDistance: edits.reduce((total, each) => total + each, 0) / Math.max(1, tokens),
          accuracy: edits.filter((each) => each === 0).length / count,
        };
      },
    };
  };
}
