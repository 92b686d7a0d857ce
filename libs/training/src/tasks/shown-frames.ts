import type { ShownFrames } from '@unroll/contracts';
import { stream } from '@unroll/random';
import { wholeBatch, type PaddedBatch } from '../batches/example-batches';
import { tf, type Tensor } from '../tensor/tfjs';
import type { ExampleDataWith } from './task-data';

/** Sequences that are continued, and the frames of each that are given and written. */
const mostPieces = 3;
const mostGiven = 16;
const mostWritten = 32;

/** Frames as the indices of their labels. */
type Frames = number[][];

/**
 * How a network continues the first sequences of the validation part, of each of which it reads the first half: each label of a frame is
 * drawn with its own probability, independently of the others of that frame, and the frame is read for the next one. `predict`, called
 * within a tidy, gives the probabilities of a batch, [1, time · batch, labels].
 */
export async function continueFrames(
  { validation, targetVocabulary = [] }: ExampleDataWith<'vectors'>,
  predict: (batch: PaddedBatch) => Tensor,
): Promise<ShownFrames> {
  const { offsets, width, values } = validation.targets;
  const frame = (at: number): number[] =>
    [...values.subarray(at * width, (at + 1) * width).keys()].filter((label) => values[at * width + label]! > 0);
  const pieces = Array.from({ length: validation.count }, (_, index) => ({
    place: validation.places?.[index] ?? `example ${index + 1}`,
    all: Array.from({ length: offsets[index + 1]! - offsets[index]! }, (_, step) => frame(offsets[index]! + step)),
  }))
    .filter(({ all }) => all.length > 1)
    .slice(0, mostPieces);
  const given = pieces.map(({ all }) => all.slice(0, Math.min(mostGiven, Math.floor(all.length / 2))));
  const right = pieces.map(({ all }, index) => all.slice(given[index]!.length).slice(0, mostWritten));
  const written = await drawn(given, Math.max(0, ...right.map(({ length }) => length)), width, predict);
  const named = (frames: Frames): string[][] => frames.map((labels) => labels.map((label) => targetVocabulary[label]!));
  return {
    pieces: pieces.map(({ place }, index) => ({
      place,
      given: named(given[index]!),
      written: named(written[index]!.slice(0, right[index]!.length)),
      right: named(right[index]!),
    })),
  };
}

/** As many frames after each of these sequences. */
async function drawn(
  given: readonly Frames[],
  count: number,
  width: number,
  predict: (batch: PaddedBatch) => Tensor,
): Promise<Frames[]> {
  const random = stream(0, 'sample');
  const written = given.map((): Frames => []);
  for (let step = 0; step < count; step++) {
    // An empty frame precedes each sequence, as in training.
    const read = given.map((frames, index) => [[], ...frames, ...written[index]!]);
    const lengths = read.map(({ length }) => length);
    const probabilities = tf.tidy(() => predict(wholeBatch({ count: read.length, ...inputsOf(read, width) }, 1)));
    const all = (await probabilities.data()) as Float32Array;
    probabilities.dispose();
    written.forEach((frames, index) => {
      const at = ((lengths[index]! - 1) * read.length + index) * width;
      const labels = Array.from({ length: width }, (_, label) => label);
      frames.push(labels.filter((label) => random.uniform(step, index * width + label) < all[at + label]!));
    });
  }
  return written;
}

/** Sequences of frames as a network reads them; there are no right frames to read. */
function inputsOf(sequences: readonly Frames[], width: number) {
  const offsets = Int32Array.of(0, ...sequences.map(({ length }) => length));
  for (let at = 1; at < offsets.length; at++) offsets[at]! += offsets[at - 1]!;
  const values = new Float32Array(offsets.at(-1)! * width);
  sequences.flat().forEach((labels, at) => labels.forEach((label) => (values[at * width + label] = 1)));
  const inputs = { kind: 'vectors', offsets, width, values } as const;
  return { inputs, targets: inputs };
}
