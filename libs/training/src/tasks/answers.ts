import type { ExampleData, Scaling } from '@unroll/datasets';
import type { Tensor } from '../tensor/tfjs';
import { measuringBatches, type PaddedBatch } from '../batches/example-batches';
import { heldPart, type Part } from '../batches/lane-position';
import type { Answer, Answering, SequenceAnswers } from './task';
import type { Named } from '../nn/parameter';

/** How one lane's network answers to a batch of examples. */
export interface Answerer<Kept> {
  /** `values` are read back; `kept` is what reading them needs to know of the batch, whose tensors are disposed by then. */
  run(parameters: Named, batch: PaddedBatch): { values: Tensor; kept: Kept };
  /** The answer to a row of the batch. */
  read(values: Float32Array, kept: Kept): (row: number) => Answer;
}

/** The `answering` of a task that learns from examples. */
export const answering =
  <Kept>(examples: ExampleData, batchSize: number, answerer: Answerer<Kept>) =>
  (part: Part): Answering => {
    const reader = measuringBatches(heldPart(examples, part), batchSize);
    const known: { rows: Int32Array; kept: Kept }[] = [];
    return {
      batches: reader.count,
      run(parameters, index) {
        const batch = reader.batch(index, 1);
        const { values, kept } = answerer.run(parameters, batch);
        known[index] = { rows: batch.rows[0]!, kept };
        return values;
      },
      read(values, index) {
        const { rows, kept } = known[index]!;
        const answer = answerer.read(values, kept);
        return Array.from(rows, (example, row) => ({ example, answer: answer(row) }));
      },
    };
  };

/** One row of the values of a batch. */
export interface AnsweredRow {
  values: Float32Array;
  row: number;
  batch: number;
  /** Steps of the example. */
  length: number;
}

/** Answers row by row: `run` gives the values of a batch, and `toAnswer` reads a row of them. */
export const byRow = (
  run: (parameters: Named, batch: PaddedBatch) => Tensor,
  toAnswer: (row: AnsweredRow) => Answer,
): Answerer<Pick<PaddedBatch, 'lengths' | 'batch'>> => ({
  run: (parameters, batch) => ({
    values: run(parameters, batch),
    kept: { lengths: batch.lengths, batch: batch.batch },
  }),
  read:
    (values, { lengths, batch }) =>
    (row) =>
      toAnswer({ values, row, batch, length: lengths[row]! }),
});

/** Answers to single sequences, by the same `toAnswer`. */
export const oneByOne = (reads: SequenceAnswers['reads'], toAnswer: (row: AnsweredRow) => Answer): SequenceAnswers => ({
  reads,
  read: (values, { length }) => toAnswer({ values, row: 0, batch: 1, length }),
});

/** The likeliest class of probabilities [batch, classes]. */
export function classAnswer(classes: readonly string[], { values, row }: Pick<AnsweredRow, 'values' | 'row'>): Answer {
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

/** Labels of the frame after the last step with a probability of at least one half, of probabilities [time, batch, labels]. */
export function frameAnswer(labels: readonly string[], { values, row, batch, length }: AnsweredRow): Answer {
  const at = ((length - 1) * batch + row) * labels.length;
  const all = labels.map((label, index) => ({ label, probability: values[at + index]! }));
  return { labels: all.filter(({ probability }) => probability >= 0.5) };
}

/** A row of numbers [batch, width], in the unit of the data. */
export function rowNumbers(
  width: number,
  scaling: Scaling | undefined,
  { values, row }: Pick<AnsweredRow, 'values' | 'row'>,
): number[] {
  const [shift, scale] = [scaling?.shift[0] ?? 0, scaling?.scale[0] ?? 1];
  return Array.from(values.subarray(row * width, (row + 1) * width), (value) => value * scale + shift);
}

const indexOfLargest = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
