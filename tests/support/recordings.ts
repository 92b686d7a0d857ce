import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';

const rate = 8000;
/** Hz of each letter. */
const pitches: Record<string, number> = { a: 400, b: 1500 };

/** A WAV file of 60 ms of a tone for each letter, with 20 ms of near silence behind each. */
export function wavOf(letters: string): Buffer {
  const each = 0.08 * rate;
  const samples = Int16Array.from({ length: letters.length * each }, (_, at) => {
    const loudness = at % each < 0.06 * rate ? 8000 : 20;
    return loudness * Math.sin((2 * Math.PI * pitches[letters[Math.floor(at / each)]!]! * at) / rate);
  });
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  [16, 0x0001_0001, rate, 2 * rate, 0x0010_0002].forEach((value, index) => head.writeUInt32LE(value, 16 + 4 * index));
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** Writes files into a folder of a new name within `parent`, which is returned. */
export function folderOf(parent: string, name: string, files: Record<string, string | Buffer>): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

/** Recordings of "a", "ab", "abb" and "b" by two voices, each so often. */
export const recordings = (takes: number): Record<string, Buffer> =>
  Object.fromEntries(
    ['a', 'ab', 'abb', 'b'].flatMap((text) =>
      Array.from({ length: takes }, (_, take) => [`${text}_${take % 2 ? 'ann' : 'bob'}_${take}.wav`, wavOf(text)]),
    ),
  );

/** The files of a folder as an archive, whose path is returned. */
export async function archiveOf(folder: string, files: readonly string[], gzip = false): Promise<string> {
  const file = `${folder}.tar${gzip ? '.gz' : ''}`;
  await create({ file, cwd: folder, gzip }, [...files]);
  return file;
}
