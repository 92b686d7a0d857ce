import { unknownWord } from '@unroll/datasets';
import { editDistance, rightTokens } from './edit-distance';
import type { TokenSequences } from '../batches/target-batch';

/** The metrics of what one lane read. */
export interface TranscriptTally {
  /** The sum of the loss over a batch, and the labels read for its examples. */
  add: (loss: number, rows: Int32Array, read: readonly (readonly number[])[]) => void;
  metrics: () => Record<string, number>;
}

/** Makes tallies of what is read against what is right: mean loss of a sequence, edits per right label, and exact matches. */
export function transcriptTallies(
  { offsets, ids }: TokenSequences,
  vocabulary: readonly string[],
): () => TranscriptTally {
  const count = offsets.length - 1;
  const unknown = vocabulary.indexOf(unknownWord);
  const references = Array.from({ length: count }, (_, example) =>
    rightTokens(ids.subarray(offsets[example], offsets[example + 1]), unknown),
  );
  return () => {
    let [sum, edits, matches] = [0, 0, 0];
    return {
      add(loss, rows, read) {
        sum += loss;
        rows.forEach((example, row) => {
          const distance = editDistance(read[row]!, references[example]!);
          edits += distance;
          matches += Number(distance === 0);
        });
      },
      metrics: () => ({
        loss: sum / count,
        editDistance: edits / Math.max(1, ids.length),
        accuracy: matches / count,
      }),
    };
  };
}
