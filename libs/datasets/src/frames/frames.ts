import type { Baseline, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples } from '../data';
import { joinVectors, selected } from '../examples';
import { splitExamples } from '../split';
import { decodeText } from '../text/text';

/** A frame as the numbers of the labels that sound in it. */
type Frame = readonly number[];

const isWhole = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 4096;

/**
 * Sequences of frames: JSON, a list of sequences, each a list of frames, each a list of whole numbers (notes); or an object of such lists
 * under train, valid (or validation) and test, whose parts are then kept. A network reads each frame after the one before, an empty one
 * first, so that every frame is foretold.
 * @throws DatasetError for anything else, naming where
 */
export function prepareFrames(bytes: Uint8Array, dataset: DatasetSpec): { data: ExampleData; baselines: Baseline[] } {
  const parts = partsOf(parsed(bytes));
  const all = Object.values(parts).flat();
  if (all.length < 2) throw new DatasetError(`there are ${all.length} sequences of frames: give at least two`);
  const notes = all.flat(2);
  const [least, most] = notes.reduce(([a, b], note) => [Math.min(a!, note), Math.max(b!, note)], [Infinity, -Infinity]);
  if (notes.length === 0) throw new DatasetError('no frame of the data set has a note');
  const [first, width] = [least!, most! - least! + 1];
  const examples = (part: readonly (readonly Frame[])[], what: string): Examples => {
    const place = (index: number): string => `${what}[${index}]`;
    const dense = part.map((sequence) => sequence.map((frame) => manyHot(frame, first, width)));
    const before = dense.map((sequence) => [new Array<number>(width).fill(0), ...sequence.slice(0, -1)]);
    return {
      count: part.length,
      inputs: joinVectors(before, place, dataset),
      targets: joinVectors(dense, place, dataset),
    };
  };
  const names = Array.from({ length: width }, (_, index) => String(first + index));
  const data = 'all' in parts ? split(examples(parts.all, 'frames'), dataset) : given(parts, examples);
  return { data: { ...data, targetVocabulary: names }, baselines: [independentNotes(data)] };
}

function split(all: Examples, dataset: DatasetSpec): ExampleData {
  const { train, validation, test } = splitExamples(all.count, dataset);
  return {
    kind: 'examples',
    train: selected(all, train),
    validation: selected(all, validation),
    test: test && selected(all, test),
  };
}

function given(parts: Parts, examples: (part: Sequences, what: string) => Examples): ExampleData {
  const { train, validation, test } = parts;
  if (!train?.length || !validation?.length)
    throw new DatasetError('an object of frames needs the lists "train" and "valid", and may have "test"');
  return {
    kind: 'examples',
    train: examples(train, 'train'),
    validation: examples(validation, 'valid'),
    test: test?.length ? examples(test, 'test') : undefined,
  };
}

type Sequences = Frame[][];
type Parts = Record<string, Sequences>;

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes));
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError('frames are JSON: a list of sequences, each a list of frames, each a list of whole numbers');
  }
}

function partsOf(content: unknown): Parts {
  if (Array.isArray(content)) return { all: checked(content, 'frames') };
  const parts = Object(content) as Record<string, unknown>;
  const named = { train: parts.train, validation: parts.validation ?? parts.valid, test: parts.test };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, part]) => (part === undefined ? [] : [[name, checked(part, name)]])),
  );
}

function checked(part: unknown, what: string): Sequences {
  if (!Array.isArray(part)) throw new DatasetError(`${what}: must be a list of sequences`);
  part.forEach((sequence: unknown, index) => {
    if (!Array.isArray(sequence)) throw new DatasetError(`${what}[${index}]: must be a list of frames`);
    sequence.forEach((frame: unknown, step) => {
      if (!Array.isArray(frame) || !frame.every(isWhole))
        throw new DatasetError(`${what}[${index}][${step}]: a frame is a list of whole numbers from 0 to 4095`);
    });
  });
  return part as Sequences;
}

function manyHot(frame: Frame, first: number, width: number): number[] {
  const values = new Array<number>(width).fill(0);
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
