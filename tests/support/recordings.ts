import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { encodeWav } from '../../libs/training/src/verify/conformance/recordings';

export { encodeWav };

/** Writes files into a new folder `name` in `parent`; returns its path. */
export function folderOf(parent: string, name: string, files: Record<string, string | Buffer>): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

/** Recordings of "a", "ab", "abb" and "b", `takes` of each, by two voices in turn. */
export const recordings = (takes: number): Record<string, Buffer> =>
  Object.fromEntries(
    ['a', 'ab', 'abb', 'b'].flatMap((text) =>
      Array.from({ length: takes }, (_, take) => [`${text}_${take % 2 ? 'ann' : 'bob'}_${take}.wav`, encodeWav(text)]),
    ),
  );

/** Packs files of a folder into an archive; returns its path. */
export async function archiveOf(folder: string, files: readonly string[], gzip = false): Promise<string> {
  const file = `${folder}.tar${gzip ? '.gz' : ''}`;
  await create({ file, cwd: folder, gzip }, [...files]);
  return file;
}
