import type { DatasetSpec, TaskSpec } from '@unroll/contracts';
import { fileName } from '../archive/named-file';
import { DatasetError, type ExampleData, type Sequences, type Targets } from '../prepared/data';
import { examplesIn, joinTokens, joinVectors } from '../prepared/examples';
import { classTargets } from '../labelled/classes';
import { frameScaling } from '../prepared/scaling';
import { splitExamples } from '../prepared/split';
import type { DataSource } from '../source/data-source';
import { numberer, tokenize, buildVocabulary, type Tokens } from '../text/symbols';
import { readRecordings, type Recording } from './recordings';

/** The tasks on recordings. */
type AudioTask = Pick<
  Extract<TaskSpec, { kind: 'classification' | 'transcription' }>,
  'kind' | 'tokens' | 'vocabulary'
>;
type Vectors = Extract<Sequences, { kind: 'vectors' }>;

/** The blank of connectionist temporal classification (Graves et al. 2006), the first symbol of a transcription's vocabulary. */
export const blankSymbol = '<blank>';

/**
 * Recordings as log-mel frames, for classification or transcription. Each band is normalised by the mean and deviation of the
 * training part. The text of a transcription is the recording's line in transcripts.tsv or, without such a file, its label.
 * @throws DatasetError for recordings that cannot be read, or do not fit the task
 */
export function prepareAudio(source: DataSource, task: AudioTask, dataset: DatasetSpec): ExampleData {
  const recordings = readRecordings(source);
  const { group } = dataset.split;
  const groups = group === undefined ? undefined : recordings.map(({ name }) => parseGroup(name, group));
  const classes = task.kind === 'classification' ? recordings.map(({ label }) => label) : undefined;
  const split = splitExamples(recordings.length, dataset, { groups, classes });
  const placeAt = (index: number): string => recordings[index]!.name;
  const frames = recordings.map((each) => (dataset.centre ? centred(each.frames) : each.frames));
  const inputScaling = frameScaling(frames, split.train, dataset);
  const inputs = joinVectors(frames, placeAt, dataset, inputScaling);
  const answers =
    task.kind === 'classification'
      ? classTargets(recordings.map(({ label, name }) => ({ label, place: name })))
      : encodeTranscripts(recordings, split.train, task, inputs);
  const places = recordings.map(({ name }) => name);
  const all = { count: recordings.length, inputs, targets: answers.targets, places };
  const columns = Array.from({ length: inputs.width }, (_, band) => `mel ${band + 1}`);
  return {
    kind: 'examples',
    columns,
    inputScaling,
    targetVocabulary: answers.targetVocabulary,
    ...examplesIn(all, split),
  };
}

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

/** Texts as token IDs, numbered after the blank. @throws DatasetError for a text with more tokens than its recording's frames can emit */
function encodeTranscripts(
  recordings: readonly Recording[],
  learned: Int32Array,
  { tokens, vocabulary: most }: { tokens: Tokens; vocabulary: number },
  { offsets }: Vectors,
): { targets: Targets; targetVocabulary: string[] } {
  const symbols = recordings.map(({ text, label }) => tokenize(text ?? label, tokens));
  const counted = tokens === 'character' ? symbols : Array.from(learned, (index) => symbols[index]!);
  const own = buildVocabulary(counted, tokens, most).filter((symbol) => symbol !== blankSymbol);
  const targetVocabulary = [blankSymbol, ...own].slice(0, 65_536);
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
  return { targets: joinTokens(numbered, (index) => recordings[index]!.name, noLimit), targetVocabulary };
}
