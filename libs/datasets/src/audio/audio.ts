import type { DataReading, DatasetSpec, TaskSpec } from '@unroll/contracts';
import { fileName } from '../archive/named-file';
import { DatasetError, type ExampleData, type Sequences, type Targets } from '../prepared/data';
import { examplesIn, joinTokens, joinVectors } from '../prepared/examples';
import { namedClasses } from '../labelled/classes';
import { splitRows } from '../labelled/parts';
import { encodeRows, type EncodedInput } from '../prepared/row-by-row';
import { frameScaling } from '../prepared/scaling';
import type { Split } from '../prepared/split';
import type { DataSource } from '../source/data-source';
import { mostSymbols, numberer } from '../text/symbols';
import { tokenizeRows, type KnownTokens, type Tokenization } from '../text/tokenizer';
import { newRecordings, readRecordings, type Recording } from './recordings';

/** The tasks on recordings. */
type AudioTask = Pick<
  Extract<TaskSpec, { kind: 'classification' | 'transcription' }>,
  'kind' | 'tokens' | 'vocabulary'
>;
type Vectors = Extract<Sequences, { kind: 'vectors' }>;

interface Answers {
  targets: Targets;
  targetVocabulary: string[];
  targetMerges?: string[] | undefined;
}

/** The blank of connectionist temporal classification (Graves et al. 2006), the first symbol of a transcription's vocabulary. */
export const blankSymbol = '<blank>';

/**
 * Recordings as log-mel frames, for classification or transcription. Each band is normalised by the mean and deviation of the
 * training part. The text of a transcription is the recording's line in transcripts.tsv or, without such a file, its label.
 * @throws DatasetError for recordings that cannot be read, or do not fit the task
 */
export function prepareAudio(
  source: DataSource,
  task: AudioTask,
  dataset: DatasetSpec & Pick<Split, 'isWhole'>,
  given?: DataReading,
): ExampleData {
  const { recordings, rate } = readRecordings(source, given?.sampleRate);
  const { group } = dataset.split;
  const groups =
    group === undefined || dataset.isWhole ? undefined : recordings.map(({ name }) => parseGroup(name, group));
  const classes = task.kind === 'classification' ? recordings.map(({ label }) => label) : undefined;
  const rows = recordings.map(({ part, name: place }) => ({ part, place }));
  const split = splitRows(rows, dataset, { groups, classes });
  const placeAt = (index: number): string => recordings[index]!.name;
  const frames = recordings.map((each) => (dataset.centre ? centred(each.frames) : each.frames));
  const inputScaling = given?.inputScaling ?? frameScaling(frames, split.train, dataset);
  const inputs = joinVectors(frames, placeAt, dataset, inputScaling);
  const answers: Answers =
    task.kind === 'classification'
      ? namedClasses(
          recordings.map(({ label, name }) => ({ label, place: name })),
          given?.targetVocabulary,
        )
      : encodeTranscripts(recordings, split.train, { ...task, known: knownTargets(given) }, inputs);
  const places = recordings.map(({ name }) => name);
  const all = { count: recordings.length, inputs, targets: answers.targets, places };
  const columns = Array.from({ length: inputs.width }, (_, band) => `mel ${band + 1}`);
  return {
    kind: 'examples',
    columns,
    sampleRate: rate,
    inputScaling,
    targetVocabulary: answers.targetVocabulary,
    targetMerges: answers.targetMerges,
    ...examplesIn(all, split),
  };
}

const knownTargets = (given: DataReading | undefined): KnownTokens => ({
  vocabulary: given?.targetVocabulary,
  merges: given?.targetMerges,
});

/** A part of a recording's name, split at underscores and counted from 1. @throws DatasetError for a name without it */
function parseGroup(name: string, part: number): string {
  const found = fileName(name)
    .replace(/\.wav$/i, '')
    .split('_')[part - 1];
  if (!found)
    throw new DatasetError(`${name}: has no part ${part} between underscores, which dataset.split.group requires`);
  return found;
}

/** Frames minus their mean, per band. */
function centred(frames: readonly Float32Array[]): Float32Array[] {
  const means = frames[0]!.map((_, band) => frames.reduce((sum, frame) => sum + frame[band]!, 0) / frames.length);
  return frames.map((frame) => frame.map((value, band) => value - means[band]!));
}

/** @throws DatasetError for a character that a trained network cannot write */
function requireKnown(
  recordings: readonly Recording[],
  symbols: readonly (readonly string[])[],
  given: readonly string[],
): void {
  const known = new Set(given);
  symbols.forEach((each, index) => {
    const unknown = each.find((symbol) => !known.has(symbol));
    if (unknown !== undefined)
      throw new DatasetError(
        `${recordings[index]!.name}: its text has ${JSON.stringify(unknown)}, which the model does not write; leave it out`,
      );
  });
}

/** Recordings as a trained network reads them, each refused alone. @throws DatasetError if none can be read, or the rate is not known */
export function encodeAudio(
  source: DataSource,
  dataset: DatasetSpec,
  { sampleRate, inputScaling }: DataReading,
): EncodedInput {
  if (sampleRate === undefined)
    throw new DatasetError(
      'the model does not say at which rate it reads recordings: train it again with this version',
    );
  return encodeRows(newRecordings(source, sampleRate), (some) => {
    const frames = some.map((each) => (dataset.centre ? centred(each.frames()) : each.frames()));
    return joinVectors(frames, (index) => some[index]!.place, dataset, inputScaling);
  });
}

/** Texts as token IDs, numbered after the blank. @throws DatasetError for a text with more tokens than its recording's frames can emit */
function encodeTranscripts(
  recordings: readonly Recording[],
  learned: Int32Array,
  { known, ...reading }: Tokenization & { known: KnownTokens },
  { offsets }: Vectors,
): Answers {
  const texts = recordings.map((each) => each.text ?? each.label);
  const { symbols, vocabulary, merges: targetMerges } = tokenizeRows(texts, learned, reading, known);
  const own = vocabulary.filter((symbol) => symbol !== blankSymbol);
  const targetVocabulary = known.vocabulary ? vocabulary : [blankSymbol, ...own].slice(0, mostSymbols);
  if (known.vocabulary && reading.tokens === 'character') requireKnown(recordings, symbols, targetVocabulary);
  // For words, <unknown> follows the blank; every character is known.
  const number = numberer(targetVocabulary, 1);
  const numbered = symbols.map((each) => each.map((symbol) => (symbol === blankSymbol ? 1 : number(symbol))));
  numbered.forEach((sequence, index) => {
    // Repeated tokens need a blank between them.
    const needed = sequence.length + sequence.filter((token, at) => token === sequence[at - 1]).length;
    const frames = offsets[index + 1]! - offsets[index]!;
    if (needed > frames)
      throw new DatasetError(
        `${recordings[index]!.name}: its text needs ${needed} frames, but it has ${frames}; leave it out`,
      );
  });
  const noLimit = { maximumSteps: Infinity, longer: 'error' } as const;
  return { targets: joinTokens(numbered, (index) => recordings[index]!.name, noLimit), targetVocabulary, targetMerges };
}
