import { fileName, foldersOf, isVisible, type NamedFile } from '../archive/named-file';
import { open } from '../archive/open';
import { DatasetError } from '../prepared/data';
import type { DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { logMelFrames } from './mel';
import { resampled } from './resample';
import { readWav } from './wav';

/** A sound as frames, and what it is. */
export interface Recording {
  /** The file, for messages. */
  name: string;
  frames: Float32Array[];
  /** The part of the file's name before the first underscore, or else the folder's name. */
  label: string;
  /** What transcripts.tsv says of it; undefined where there is no such file. */
  text?: string | undefined;
}

/** Samples a second that speech is heard with: more do not help. */
const mostRate = 16_000;

/** Whether a file is taken for a recording. */
export const isRecording = (name: string): boolean => isVisible(name) && /\.wav$/i.test(name);

/** @throws DatasetError for fewer recordings than can be learned and held out */
export function requireRecordings(count: number): void {
  if (count < 2) throw new DatasetError(`the data set has ${count} WAV files: give at least two`);
}

/**
 * The WAV files of a folder or archive as log-mel frames. All get the rate of the slowest of them, at most 16 kHz, so that a band is the same
 * pitch everywhere.
 * @throws DatasetError for no files, fewer than two, one that cannot be read, or a line of transcripts.tsv without a file
 */
export function recordingsOf(source: DataSource): Recording[] {
  const opened = open(source);
  if (!('files' in opened)) throw new DatasetError('audio is a folder or a .tar or .tar.gz archive of WAV files');
  const files = opened.files.filter(({ name }) => isRecording(name));
  requireRecordings(files.length);
  const textFor = transcripts(opened.files, files);
  const sounds = files.map(({ name, bytes }) => readWav(bytes(), name));
  const rate = sounds.reduce((least, sound) => Math.min(least, sound.rate), mostRate);
  const frames = logMelFrames(rate);
  return files.map(({ name }, index) => ({
    name,
    frames: frames(resampled(sounds[index]!, rate)),
    label: labelOf(name),
    text: textFor?.(name),
  }));
}

function labelOf(name: string): string {
  const plain = fileName(name).replace(/\.wav$/i, '');
  const label = plain.includes('_') ? plain.split('_')[0] : foldersOf(name).at(-1);
  if (!label)
    throw new DatasetError(`${name}: has no label; name it LABEL_ANYTHING.wav, or put it into a folder of that name`);
  return label;
}

/** Texts by file, from lines "file TAB text" of transcripts.tsv, whose files count from its own folder. */
function transcripts(all: readonly NamedFile[], wavs: readonly NamedFile[]): ((name: string) => string) | undefined {
  const sidecar = all.find(({ name }) => fileName(name) === 'transcripts.tsv');
  if (!sidecar) return undefined;
  const folder = [...foldersOf(sidecar.name), ''].join('/');
  const known = new Set(wavs.map(({ name }) => name));
  const texts = new Map<string, string>();
  decodeText(sidecar.bytes(), sidecar.name)
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const [file, text] = line.split('\t').map((each) => each.trim());
      const place = `${sidecar.name} line ${index + 1}`;
      if (!text) throw new DatasetError(`${place}: give a file, a tab and its text`);
      if (!known.has(folder + file!)) throw new DatasetError(`${place}: there is no WAV file ${folder + file!}`);
      texts.set(folder + file!, text);
    });
  return (name) => {
    const text = texts.get(name);
    if (text === undefined) throw new DatasetError(`${name}: has no line in ${sidecar.name}`);
    return text;
  };
}
