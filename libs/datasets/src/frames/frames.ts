import type { Baseline, DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples } from '../prepared/data';
import { examplesIn, joinVectors } from '../prepared/examples';
import { splitExamples, type Split } from '../prepared/split';
import { parseFrames, parseSequences, type Frame } from './parts';

/**
 * Sequences of frames, prepared for next-frame prediction: see parseFrames. An empty frame precedes each sequence, so that every frame
 * is predicted. A label is a note number; the width covers the lowest to the highest note of all parts.
 * @throws DatasetError for unreadable frames, or no notes at all
 */
export function prepareFrames(
  bytes: Uint8Array,
  dataset: DatasetSpec & Split,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[] } {
  const whole = dataset.isWhole ? parseSequences(bytes) : undefined;
  const parts = whole ? { all: whole.map(({ frames }) => frames) } : parseFrames(bytes);
  const span = noteSpan(Object.values(parts).flat(2));
  const [first, width] = given ? givenSpan(given, span) : span;
  const examples = (part: readonly (readonly Frame[])[], what: string): Examples => {
    const place = (index: number): string => whole?.[index]!.place ?? `${what}[${index}]`;
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

/** The lowest note, and the number of notes from it to the highest. */
export function noteSpan(frames: readonly Frame[]): [first: number, width: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const frame of frames)
    for (const note of frame) {
      least = Math.min(least, note);
      most = Math.max(most, note);
    }
  if (most < least) throw new DatasetError('no frame of the data set contains a note');
  return [least, most - least + 1];
}

/** The note range of a trained network. @throws DatasetError for a note outside it */
export function givenSpan({ targetVocabulary = [] }: DataReading, [least, count]: [number, number]): [number, number] {
  const [first, width] = [Number(targetVocabulary[0]), targetVocabulary.length];
  if (least < first || least + count > first + width)
    throw new DatasetError(
      `the notes range from ${least} to ${least + count - 1}, but the model only knows ${first} to ${first + width - 1}`,
    );
  return [first, width];
}

type InParts = Pick<ExampleData, 'train' | 'validation' | 'test' | 'ownParts'>;

const splitUp = (all: Examples, dataset: Split): InParts => examplesIn(all, splitExamples(all.count, dataset));

function asGiven(
  { train, validation, test }: Exclude<ReturnType<typeof parseFrames>, { all: unknown }>,
  examples: (part: readonly (readonly Frame[])[], what: string) => Examples,
  { fold }: DatasetSpec,
): InParts {
  if (fold) throw new DatasetError('dataset.fold: the data set defines its own parts; leave it out');
  return {
    train: examples(train, 'train'),
    validation: examples(validation, 'valid'),
    test: test && examples(test, 'test'),
    ownParts: { validation: true, test: test !== undefined },
  };
}

export function manyHot(frame: Frame, first: number, width: number): Uint8Array {
  const values = new Uint8Array(width);
  for (const note of frame) values[note - first] = 1;
  return values;
}

/** The baseline of independent notes at their training frequency (Laplace's rule of succession): nats per frame on validation. */
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
