import type { Baseline, DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples } from '../prepared/data';
import { examplesIn, joinVectors } from '../prepared/examples';
import { splitExamples } from '../prepared/split';
import { framesOf, type Frame } from './parts';

/**
 * Sequences of frames, ready to be foretold: see framesOf. A network reads each frame after the one before, an empty one first, so that
 * every frame is foretold. A label is a note number; the width reaches from the least to the greatest of all parts.
 * @throws DatasetError for frames that cannot be read, or no notes in any
 */
export function prepareFrames(
  bytes: Uint8Array,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[] } {
  const parts = framesOf(bytes);
  const span = spanOf(Object.values(parts).flat(2));
  const [first, width] = given ? givenSpan(given, span) : span;
  const examples = (part: readonly (readonly Frame[])[], what: string): Examples => {
    const place = (index: number): string => `${what}[${index}]`;
    const empty = new Uint8Array(width);
    const dense = part.map((sequence) => sequence.map((frame) => manyHot(frame, first, width)));
    const before = dense.map((sequence) => (sequence.length === 0 ? [] : [empty, ...sequence.slice(0, -1)]));
    return {
      count: part.length,
      inputs: joinVectors(before, place, dataset),
      targets: joinVectors(dense, place, dataset),
    };
  };
  const targetVocabulary = Array.from({ length: width }, (_, index) => String(first + index));
  const data: ExampleData = {
    kind: 'examples',
    targetVocabulary,
    ...('all' in parts ? splitUp(examples(parts.all, 'frames'), dataset) : asGiven(parts, examples, dataset)),
  };
  return { data, baselines: [independentNotes(data)] };
}

/** The least note and how many there are up to the greatest. */
export function spanOf(frames: readonly Frame[]): [first: number, width: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const frame of frames)
    for (const note of frame) {
      least = Math.min(least, note);
      most = Math.max(most, note);
    }
  if (most < least) throw new DatasetError('no frame of the data set has a note');
  return [least, most - least + 1];
}

/** The span that a network has learned with. @throws DatasetError for a note outside of it */
export function givenSpan({ targetVocabulary = [] }: DataReading, [least, count]: [number, number]): [number, number] {
  const [first, width] = [Number(targetVocabulary[0]), targetVocabulary.length];
  if (least < first || least + count > first + width)
    throw new DatasetError(
      `there are notes from ${least} to ${least + count - 1}, but the model knows those from ${first} to ${first + width - 1}`,
    );
  return [first, width];
}

type InParts = Pick<ExampleData, 'train' | 'validation' | 'test'>;

const splitUp = (all: Examples, dataset: DatasetSpec): InParts => examplesIn(all, splitExamples(all.count, dataset));

function asGiven(
  { train, validation, test }: Exclude<ReturnType<typeof framesOf>, { all: unknown }>,
  examples: (part: readonly (readonly Frame[])[], what: string) => Examples,
  { fold }: DatasetSpec,
): InParts {
  if (fold) throw new DatasetError('dataset.fold: the data set has parts of its own; leave it out');
  return {
    train: examples(train, 'train'),
    validation: examples(validation, 'valid'),
    test: test && examples(test, 'test'),
  };
}

export function manyHot(frame: Frame, first: number, width: number): Uint8Array {
  const values = new Uint8Array(width);
  for (const note of frame) values[note - first] = 1;
  return values;
}

/** Each note by itself, as often as in the training part: nats a frame on the validation part (with Laplace's rule of succession). */
function independentNotes({ train, validation }: ExampleData): Baseline {
  const frames = ({ targets }: Examples) => targets as Extract<Examples['targets'], { kind: 'vectors' }>;
  const [learned, held] = [frames(train), frames(validation)];
  const { width } = learned;
  const counts = new Float64Array(width).fill(1);
  const total = learned.values.length / width + 2;
  learned.values.forEach((value, at) => (counts[at % width]! += value));
  let nats = 0;
  held.values.forEach((value, at) => {
    const chance = counts[at % width]! / total;
    nats -= Math.log(value > 0 ? chance : 1 - chance);
  });
  const each = nats / (held.values.length / width);
  return { name: 'independent notes', metrics: { 'validation.negativeLogLikelihood': each, 'validation.loss': each } };
}
