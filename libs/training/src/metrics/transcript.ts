import { unknownWord } from '@unroll/datasets';
import { editDistance } from './edit-distance';
import type { TokenSequences } from '../batches/target-batch';

/** What an unknown word counts as in what is right: no label, so that nothing is the same as it. */
const unheard = -1;

/**
 * Gathers what each lane read beside what is right. `add`: the sum of the loss over a batch, and the labels of its examples. `of`: the mean loss of a
 * sequence, edits over the length of all that is right, and the part of the sequences without any.
 */
export function transcriptMetrics(lanes: number, { offsets, ids }: TokenSequences, vocabulary: readonly string[]) {
  const count = offsets.length - 1;
  const unknown = vocabulary.indexOf(unknownWord);
  const references = Array.from({ length: count }, (_, example) =>
    Int32Array.from(ids.subarray(offsets[example], offsets[example + 1]), (id) => (id === unknown ? unheard : id)),
  );
  const sums = Array.from({ length: lanes }, () => ({ loss: 0, edits: 0, rights: 0 }));
  return {
    add(lane: number, loss: number, examples: Int32Array, read: readonly (readonly number[])[]): void {
      const own = sums[lane]!;
      own.loss += loss;
      examples.forEach((example, row) => {
        const edits = editDistance(read[row]!, references[example]!);
        own.edits += edits;
        own.rights += Number(edits === 0);
      });
    },
    of(lane: number): Record<string, number> {
      const { loss, edits, rights } = sums[lane]!;
      return { loss: loss / count, editDistance: edits / Math.max(1, ids.length), accuracy: rights / count };
    },
  };
}
