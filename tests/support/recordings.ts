import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { wavOf } from '../../libs/training/src/testing/recordings.fixture';

export { wavOf };

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
