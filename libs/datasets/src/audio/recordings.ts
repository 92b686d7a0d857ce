import { fileName, folders, isVisible, type NamedFile } from '../archive/named-file';
import { open } from '../archive/open';
import { partsAbove } from '../labelled/parts-in-folder';
import { DatasetError } from '../prepared/data';
import type { DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { linesOf } from '../source/lines';
import { logMelFrames } from './mel';
import { resampled } from './resample';
import { readWav, type Sound } from './wav';

/** A sound as frames, with its labels. */
export interface Recording {
  /** The file name, for messages. */
  name: string;
  frames: Float32Array[];
  /**
   * The part of the file name before the first underscore, or else the folder's name, which a recording with a text needs not have.
   * @throws DatasetError without either
   */
  readonly label: string;
  /** Its text in transcripts.tsv; undefined without such a file. */
  text?: string | undefined;
  /** The part of the split that a folder above its label says; undefined where none does for all. */
  part?: string | undefined;
}

/** Samples per second sufficient for speech. */
const mostRate = 16_000;

/** Whether a file counts as a recording. */
export const isRecording = (name: string): boolean => isVisible(name) && /\.wav$/i.test(name);

/** @throws DatasetError for fewer recordings than a split needs */
export function requireRecordings(count: number): void {
  if (count < 2) throw new DatasetError(`the data set has ${count} WAV files: give at least two`);
}

/**
 * The WAV files of a folder or archive as log-mel frames. All are resampled to the lowest rate among them, at most 16 kHz, so that a
 * band has the same pitch in each; or to `known`, the rate of a trained network.
 * @throws DatasetError for fewer than two files, an unreadable one, a line of transcripts.tsv without a file, or metadata.csv
 */
export function readRecordings(source: DataSource, known?: number): { recordings: Recording[]; rate: number } {
  const opened = open(source);
  if (!('files' in opened))
    throw new DatasetError('audio must be a folder, or a .tar or .tar.gz archive, of WAV files');
  const files = opened.files.filter(({ name }) => isRecording(name));
  requireRecordings(files.length);
  const textFor = transcripts(opened.files, files);
  if (!textFor) requireNoMetadata(opened.files);
  const sounds = files.map(({ name, bytes }) => readWav(bytes(), name));
  const rate = known ?? sounds.reduce((least, sound) => Math.min(least, sound.rate), mostRate);
  const framesOf = soundFrames(rate);
  const parts = partsAbove(files.map(({ name }) => aboveLabel(name, textFor !== undefined)));
  const recordings = files.map(({ name }, index) => ({
    name,
    frames: framesOf(sounds[index]!, name),
    get label() {
      return parseLabel(name);
    },
    text: textFor?.(name),
    part: parts?.[index],
  }));
  return { recordings, rate };
}

/** Reads sounds as frames at a rate. */
function soundFrames(rate: number): (sound: Sound, name: string) => Float32Array[] {
  const frames = logMelFrames(rate);
  return (sound, name) => {
    if (sound.rate < rate)
      throw new DatasetError(
        `${name}: has ${sound.rate} samples per second, but the model was trained on ${rate}; record it at ${rate} or more`,
      );
    return frames(resampled(sound, rate));
  };
}

/** A recording to be predicted for, whose frames are read when they are asked for. */
export interface NewRecording {
  place: string;
  /** @throws DatasetError for a file that cannot be read */
  frames: () => Float32Array[];
}

/** WAV files without labels: one, or those of a folder or archive. @throws DatasetError for none */
export function newRecordings(source: DataSource, rate: number): NewRecording[] {
  const opened = open(source);
  const name = 'path' in source ? fileName(source.path) : 'the recording';
  const files =
    'files' in opened ? opened.files.filter((file) => isRecording(file.name)) : [{ name, bytes: () => opened.bytes }];
  if (files.length === 0) throw new DatasetError('the input has no WAV file');
  const framesOf = soundFrames(rate);
  return files.map((file) => ({
    place: file.name,
    frames: () => framesOf(readWav(file.bytes(), file.name), file.name),
  }));
}

/**
 * @throws DatasetError for a folder of audio as the library `datasets` has it, whose table says the labels and texts: those by the names of
 * files would be others
 */
function requireNoMetadata(files: readonly NamedFile[]): void {
  const found = files.find(({ name }) => /^metadata\.(csv|jsonl)$/.test(fileName(name)));
  if (!found || !/^.*\bfile_name\b/.test(Buffer.from(found.bytes()).toString('utf8'))) return;
  throw new DatasetError(
    `${found.name}: labels and texts are not read from it: name files LABEL_ANYTHING.wav, or give their texts in transcripts.tsv, ` +
      'and leave it out',
  );
}

const plainName = (name: string): string => fileName(name).replace(/\.wav$/i, '');
const isLabelled = (name: string): boolean => plainName(name).includes('_');

/** The folders of a recording that are not its label. */
const aboveLabel = (name: string, hasText: boolean): string[] =>
  hasText || isLabelled(name) ? folders(name) : folders(name).slice(0, -1);

function parseLabel(name: string): string {
  const label = isLabelled(name) ? plainName(name).split('_')[0] : folders(name).at(-1);
  if (!label)
    throw new DatasetError(
      `${name}: has no label; name it LABEL_ANYTHING.wav, or put it in a folder named after the label`,
    );
  return label;
}

/** Texts by file, from lines "file TAB text" of transcripts.tsv, with paths relative to its folder. */
function transcripts(all: readonly NamedFile[], wavs: readonly NamedFile[]): ((name: string) => string) | undefined {
  const sidecar = all.find(({ name }) => fileName(name) === 'transcripts.tsv');
  if (!sidecar) return undefined;
  const folder = [...folders(sidecar.name), ''].join('/');
  const known = new Set(wavs.map(({ name }) => name));
  const texts = new Map<string, string>();
  linesOf(decodeText(sidecar.bytes(), sidecar.name)).forEach((line, index) => {
    if (line.trim() === '') return;
    const [file, text] = line.split('\t').map((each) => each.trim());
    const place = `${sidecar.name} line ${index + 1}`;
    if (!text) throw new DatasetError(`${place}: give a file, a tab and its text`);
    if (!known.has(folder + file!)) throw new DatasetError(`${place}: there is no WAV file ${folder + file!}`);
    if (texts.has(folder + file!))
      throw new DatasetError(`${place}: ${file} is named twice: leave one of its lines out`);
    texts.set(folder + file!, text);
  });
  return (name) => {
    const text = texts.get(name);
    if (text === undefined) throw new DatasetError(`${name}: has no line in ${sidecar.name}`);
    return text;
  };
}
