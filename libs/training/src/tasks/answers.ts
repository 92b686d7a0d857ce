import type { ExampleData, Scaling } from '@unroll/datasets';
import type { Tensor } from '../tensor/tfjs';
import { measuringBatches, type PaddedBatch } from '../batches/example-batches';
import { heldPart, type Part } from '../batches/lane-position';
import type { Answer, Answering } from './task';
import type { Named } from '../nn/parameter';

/** One example in what was read back of its batch. */
export interface AnsweredRow {
  values: Float32Array;
  row: number;
  batch: number;
  /** Steps of the example. */
  length: number;
}

/** Answers to the examples of a part: `run` gives those of a batch, of one lane, and `answerOf` reads a row of them. */
export const answering =
  (
    examples: ExampleData,
    batchSize: number,
    run: (parameters: Named, batch: PaddedBatch) => Tensor,
    answerOf: (row: AnsweredRow) => Answer,
  ) =>
  (part: Part): Answering => {
    const reading = measuringBatches(heldPart(examples, part), batchSize);
    const known: Pick<PaddedBatch, 'rows' | 'lengths' | 'batch'>[] = [];
    return {
      batches: reading.count,
      run(parameters, index) {
        const batch = reading.batch(index, 1);
        known[index] = { rows: batch.rows, lengths: batch.lengths, batch: batch.batch };
        return run(parameters, batch);
      },
      read(values, index) {
        const { rows, lengths, batch } = known[index]!;
        return Array.from(rows[0]!, (example, row) => ({
          example,
          answer: answerOf({ values, row, batch, length: lengths[row]! }),
        }));
      },
    };
  };

/** The likeliest class of probabilities [batch, classes]. */
export function classAnswer(classes: readonly string[], { values, row }: AnsweredRow): Answer {
  const own = values.subarray(row * classes.length, (row + 1) * classes.length);
  const best = indexOfLargest(own);
  const probabilities = Object.fromEntries(classes.map((name, index) => [name, own[index]!]));
  return { class: classes[best]!, probability: own[best]!, probabilities };
}

/** The likeliest tag of each step, of probabilities [time, batch, tags]. */
export function tagsAnswer(tags: readonly string[], { values, row, batch, length }: AnsweredRow): Answer {
  const at = (step: number): number => (step * batch + row) * tags.length;
  const best = (step: number): number => indexOfLargest(values.subarray(at(step), at(step) + tags.length));
  return { tags: Array.from({ length }, (_, step) => tags[best(step)]!) };
}

/** Labels of the frame after the last step that are likelier than not, of probabilities [time, batch, labels]. */
export function frameAnswer(labels: readonly string[], { values, row, batch, length }: AnsweredRow): Answer {
  const at = ((length - 1) * batch + row) * labels.length;
  const all = labels.map((label, index) => ({ label, probability: values[at + index]! }));
  return { labels: all.filter(({ probability }) => probability >= 0.5) };
}

/** Numbers [batch, width] in the unit of the data. */
export function numbersOfRow(width: number, scaling: Scaling | undefined, { values, row }: AnsweredRow): number[] {
  const [shift, scale] = [scaling?.shift[0] ?? 0, scaling?.scale[0] ?? 1];
  return Array.from(values.subarray(row * width, (row + 1) * width), (value) => value * scale + shift);
}

const indexOfLargest = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
