import { decoderSymbols, unknownWord } from '@unroll/datasets';
import { bleu } from './bleu';
import { editDistance } from './edit-distance';
import type { TokenSequences } from '../batches/target-batch';

/** What a word that is not in the vocabulary counts as: in what was written, and in what is right. They are never the same word. */
const unknown = { written: '⁇', right: '⸮' } as const;

export interface Texts {
  vocabulary: readonly string[];
  /** What stands between two symbols. */
  separator: string;
}

/** Gathers what each lane wrote beside what is right. `add`: the sum of the loss over a batch, and the sequences of its examples, without their end. */
export function writtenMetrics(lanes: number, right: TokenSequences, { vocabulary, separator }: Texts) {
  const count = right.offsets.length - 1;
  const unknownToken = (decoderSymbols as readonly string[]).indexOf(unknownWord);
  const text = (tokens: ArrayLike<number>, other: string): string =>
    Array.from(tokens, (token) => (token === unknownToken ? other : vocabulary[token]!)).join(separator);
  const references = Array.from({ length: count }, (_, example) =>
    right.ids.subarray(right.offsets[example], right.offsets[example + 1]! - 1),
  );
  const losses = new Float64Array(lanes);
  const written = Array.from({ length: lanes }, () => new Array<readonly number[]>(count));
  return {
    add(lane: number, loss: number, rows: Int32Array, sequences: readonly (readonly number[])[]): void {
      losses[lane]! += loss;
      rows.forEach((example, row) => (written[lane]![example] = sequences[row]!));
    },
    of: (lane: number): Record<string, number> => {
      const own = written[lane]!;
      const edits = references.map((reference, example) => editDistance(own[example]!, reference));
      const tokens = references.reduce((sum, { length }) => sum + length, 0);
      return {
        loss: losses[lane]! / right.ids.length,
        bleu: bleu(
          own.map((each) => text(each, unknown.written)),
          references.map((each) => text(each, unknown.right)),
        ),
        editDistance: edits.reduce((sum, each) => sum + each, 0) / Math.max(1, tokens),
        accuracy: edits.filter((each) => each === 0).length / count,
      };
    },
  };
}
